package api

import (
	"context"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
)

// Traces sends a span of each request over OTLP and HTTP, as the environment
// says (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS,
// OTEL_TRACES_SAMPLER and so on, see the OpenTelemetry specification). Where
// getenv has no endpoint it returns nil, and nothing is traced. Stop sends what
// is left.
func Traces(ctx context.Context, getenv func(string) string, tool string) (wrap func(http.Handler) http.Handler, stop func(context.Context) error, err error) {
	none := func(context.Context) error { return nil }
	if getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" || getenv("OTEL_SDK_DISABLED") == "true" {
		return nil, none, nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, none, err
	}
	about, err := resource.New(ctx, resource.WithAttributes(semconv.ServiceName("offshelf"), semconv.ServiceVersion(tool)), resource.WithFromEnv(), resource.WithTelemetrySDK())
	if err != nil {
		return nil, none, err
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(about))
	wrap = func(next http.Handler) http.Handler {
		return otelhttp.NewHandler(next, "request", otelhttp.WithTracerProvider(provider), otelhttp.WithPropagators(propagation.TraceContext{}),
			otelhttp.WithFilter(func(r *http.Request) bool {
				return r.URL.Path != "/healthz" && r.URL.Path != "/readyz" && r.URL.Path != "/metrics"
			}),
			otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string {
				if r.Pattern != "" {
					return r.Pattern
				}
				return r.Method
			}))
	}
	return wrap, provider.Shutdown, nil
}
