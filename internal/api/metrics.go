package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what Prometheus is told. They count and never name.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	underWay prometheus.Gauge
	screened prometheus.Counter
	findings prometheus.Counter
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "offshelf_http_requests_total", Help: "Requests answered."}, []string{"operation", "method", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "offshelf_http_request_duration_seconds", Help: "Time from the header of a request to the end of its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60, 300}}, []string{"operation"}),
		underWay: prometheus.NewGauge(prometheus.GaugeOpts{Name: "offshelf_http_requests_under_way", Help: "Requests that are being answered."}),
		screened: prometheus.NewCounter(prometheus.CounterOpts{Name: "offshelf_screened_products_total", Help: "Products screened over the API."}),
		findings: prometheus.NewCounter(prometheus.CounterOpts{Name: "offshelf_screened_findings_total", Help: "Findings on products screened over the API."}),
	}
	m.registry.MustRegister(m.requests, m.duration, m.underWay, m.screened, m.findings, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(&queueCollector{s, prometheus.NewDesc("offshelf_queue_length", "What waits to be done: runs, and deliveries to webhooks.", []string{"kind"}, nil)})
	return m
}

// operations that are not of the API share a name, so that what strangers ask
// for makes no further series.
func (m *metrics) request(operation, method string, status int, took time.Duration) {
	if operation == "" {
		operation = "other"
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = "other"
	}
	m.requests.WithLabelValues(operation, method, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(operation).Observe(took.Seconds())
}

// queueCollector asks the queue when it is asked itself.
type queueCollector struct {
	s    *Server
	desc *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (q *queueCollector) Describe(ch chan<- *prometheus.Desc) { ch <- q.desc }

// Collect implements prometheus.Collector.
func (q *queueCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for kind, count := range map[string]string{
		"runs":       "SELECT count(*) FROM runs WHERE state = 'queued'",
		"deliveries": "SELECT count(*) FROM deliveries WHERE state = 'pending'",
	} {
		var n float64
		if err := q.s.Store.Reader().QueryRowContext(ctx, count).Scan(&n); err != nil {
			return // readyz says that the database is gone
		}
		ch <- prometheus.MustNewConstMetric(q.desc, prometheus.GaugeValue, n, kind)
	}
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}
