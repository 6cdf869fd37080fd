// Package client calls the API of offshelf. It is generated from the
// description that the service serves; New makes a client that signs in with
// an API key.
package client

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config oapi-codegen.yaml openapi-3.0.json

import (
	"context"
	"net/http"
)

// New makes a client for a service, such as https://shelf.example.com, that
// sends an API key with each request. Options adjust it, for example
// WithHTTPClient.
func New(server, key string, options ...ClientOption) (*ClientWithResponses, error) {
	options = append([]ClientOption{WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+key)
		return nil
	})}, options...)
	return NewClientWithResponses(server, options...)
}
