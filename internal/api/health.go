package api

import (
	"context"
	"net/http"
	"time"
)

// HealthAnswer is that the process lives.
type HealthAnswer struct {
	Status string `json:"status" enum:"alive"`
	Tool   string `json:"tool,omitempty" doc:"Version of offshelf."`
}

// ReadyAnswer is that requests can be answered.
type ReadyAnswer struct {
	Status    string `json:"status" enum:"ready"`
	Database  string `json:"database" enum:"sqlite,postgres"`
	Knowledge string `json:"knowledge"`
	Snapshot  string `json:"snapshot"`
}

func (s *Server) healthRoutes() {
	register(s, operation(http.MethodGet, "/healthz", "healthz", "Service", "Whether the process lives", rules{open: true}), func(context.Context, *struct{}) (*struct{ Body HealthAnswer }, error) {
		return &struct{ Body HealthAnswer }{HealthAnswer{"alive", s.Tool}}, nil
	})
	register(s, operation(http.MethodGet, "/readyz", "readyz", "Service", "Whether requests can be answered", rules{open: true}), func(ctx context.Context, _ *struct{}) (*struct{ Body ReadyAnswer }, error) {
		ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		// The ledger's state is read rather than a constant: it needs the
		// schema as well as a connection.
		if _, err := s.Store.Query().LedgerState(ctx); err != nil {
			s.Log.WarnContext(ctx, "not ready", "error", err)
			return nil, unavailable.problem("The database does not answer.").wait(5 * time.Second)
		}
		k, err := s.state()
		if err != nil {
			return nil, err
		}
		if _, err := s.screener(ctx, k, shippedPolicy(k, "default"), today(s)); err != nil {
			return nil, err
		}
		return &struct{ Body ReadyAnswer }{ReadyAnswer{"ready", s.Store.Engine(), k.Snapshot.Version(), k.Snapshot.Sum()}}, nil
	})

	op := operation(http.MethodGet, "/metrics", "metrics", "Service", "What Prometheus reads", rules{open: true, streams: true})
	op.Description = "Counts, no names. Keep it from strangers at the proxy, if it should not be read by them."
	op.Responses = answerOf("The Prometheus text format.", "text/plain")
	h := s.metrics.handler()
	s.raw(op, func(w http.ResponseWriter, r *http.Request) error {
		h.ServeHTTP(w, r)
		return nil
	})
}
