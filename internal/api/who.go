package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/edition"
	lists "github.com/offshelf/offshelf/internal/list/register"
	"github.com/offshelf/offshelf/internal/namebook"
	"github.com/offshelf/offshelf/internal/search"
	"github.com/offshelf/offshelf/screen"
)

// WhoAnswer is what is known of a name.
type WhoAnswer struct {
	Query     string           `json:"query"`
	AsOf      string           `json:"as_of" format:"date"`
	Knowledge string           `json:"knowledge"`
	Snapshot  string           `json:"snapshot"`
	Found     []screen.Profile `json:"found" doc:"Each brand and company of this name, with its holders, makers, listings, and the rules that reach it."`
	Similar   []string         `json:"similar,omitempty" doc:"Names that come near, where none is it."`
	Statement string           `json:"statement,omitempty" doc:"Where nothing is known: what that means."`
}

// SearchAnswer is what comes near a name.
type SearchAnswer struct {
	Query     string           `json:"query"`
	Knowledge string           `json:"knowledge"`
	Hits      []namebook.Found `json:"hits" doc:"The best first. A hit is a lead, not a finding."`
	Statement string           `json:"statement,omitempty"`
}

// RegimesAnswer lists the rules.
type RegimesAnswer struct {
	AsOf    string            `json:"as_of" format:"date"`
	Regimes []screen.RegimeOn `json:"regimes"`
}

// ListsAnswer lists the official lists.
type ListsAnswer struct {
	Knowledge string       `json:"knowledge"`
	Snapshot  string       `json:"snapshot"`
	Lists     []ListAnswer `json:"lists"`
}

// ListAnswer is an official list, and what is kept of it.
type ListAnswer struct {
	List    string        `json:"list"`
	Title   string        `json:"title"`
	State   string        `json:"state" enum:"in force,failed,none" doc:"failed: the last update did not work, and the edition before it is still in force. none: no edition is kept; the facts of the program answer alone."`
	Edition string        `json:"edition,omitempty" doc:"SHA-256 of the edition in force."`
	Date    offshelf.Date `json:"date,omitzero" doc:"Day of the edition."`
	AgeDays *int          `json:"age_days,omitempty"`
	Entries int           `json:"entries,omitempty"`
	Kept    int           `json:"kept" doc:"Editions that are kept."`
	Checked time.Time     `json:"checked,omitzero" doc:"When the source was asked last."`
	Failure string        `json:"failure,omitempty"`
}

const nothingKnown = "No evidence found, in this state of knowledge. That is not proof that there is none: check the spelling, or try the maker's name."

// maxQuery bounds a name that is asked for, in characters.
const maxQuery = 500

func (s *Server) knowledgeRoutes() {
	register(s, operation(http.MethodGet, "/v1/who", "who", "Knowledge", "What is known of a brand or company", rules{need: access.Read}, invalid), func(ctx context.Context, in *struct {
		Q      string `query:"q" maxLength:"500" doc:"A brand or company, in any spelling."`
		ID     string `query:"id" maxLength:"200" doc:"The id of a party or brand, instead of a name."`
		AsOf   string `query:"as_of" format:"date" doc:"Answer as of this day; today where it is left out."`
		Policy string `query:"policy" maxLength:"200" doc:"Policy that says what to do."`
	}) (*struct{ Body WhoAnswer }, error) {
		if (in.Q == "") == (in.ID == "") {
			return nil, invalid.problem("Ask for a name with q, or for a party or brand with id.")
		}
		k, sc, err := s.screenerFor(ctx, in.Policy, in.AsOf)
		if err != nil {
			return nil, err
		}
		out := WhoAnswer{Query: in.Q, AsOf: sc.screener.Day().String(), Knowledge: k.Snapshot.Version(), Snapshot: k.Snapshot.Sum()}
		if in.ID == "" {
			out.Found, out.Similar = sc.screener.Who(in.Q)
		} else if p, ok := sc.screener.BrandProfile(in.ID); ok {
			out.Found = []screen.Profile{p}
		} else if p, ok := sc.screener.PartyProfile(in.ID); ok {
			out.Found = []screen.Profile{p}
		} else {
			return nil, notFound.problem(fmt.Sprintf("No party or brand has the id %q; GET /v1/search finds ids.", clip(in.ID)))
		}
		if len(out.Found) == 0 {
			out.Statement = nothingKnown
			out.Similar = out.Similar[:min(len(out.Similar), 12)]
		} else {
			out.Similar = nil
		}
		return &struct{ Body WhoAnswer }{out}, nil
	})

	register(s, operation(http.MethodGet, "/v1/search", "search", "Knowledge", "Listed and known names that come near a name", rules{need: access.Read}, invalid), func(ctx context.Context, in *struct {
		Q     string  `query:"q" required:"true" minLength:"1" maxLength:"500" doc:"A name of a company, person or vessel, in any spelling and script."`
		Kind  string  `query:"kind" enum:"any,company,person,vessel" default:"any"`
		Limit int     `query:"limit" minimum:"1" maximum:"100" default:"10"`
		Min   float64 `query:"min" minimum:"0" maximum:"1" default:"0.78" doc:"Least score."`
	}) (*struct{ Body SearchAnswer }, error) {
		k, err := s.state()
		if err != nil {
			return nil, err
		}
		var kind search.Kind
		if err := kind.UnmarshalText([]byte(in.Kind)); err != nil {
			return nil, invalid.problem(sentence(err))
		}
		out := SearchAnswer{Query: in.Q, Knowledge: k.Snapshot.Version(), Hits: k.Names.Find(in.Q, search.Options{Kind: kind, Min: max(in.Min, 1e-9), Limit: in.Limit})}
		if len(out.Hits) == 0 {
			out.Statement = nothingKnown
		}
		return &struct{ Body SearchAnswer }{out}, nil
	})

	register(s, operation(http.MethodGet, "/v1/regimes", "regimes", "Knowledge", "The rules, as of a day", rules{need: access.Read}, invalid), func(ctx context.Context, in *struct {
		AsOf   string `query:"as_of" format:"date" doc:"As of this day; today where it is left out."`
		Policy string `query:"policy" maxLength:"200" doc:"Policy whose own rules are listed too."`
	}) (*struct{ Body RegimesAnswer }, error) {
		_, sc, err := s.screenerFor(ctx, in.Policy, in.AsOf)
		if err != nil {
			return nil, err
		}
		return &struct{ Body RegimesAnswer }{RegimesAnswer{sc.screener.Day().String(), sc.screener.Regimes()}}, nil
	})

	register(s, operation(http.MethodGet, "/v1/regimes/{id}", "regime", "Knowledge", "One rule, with its periods and sources", rules{need: access.Read}, invalid), func(ctx context.Context, in *struct {
		ID     string `path:"id" maxLength:"100" example:"us-fcc-covered"`
		AsOf   string `query:"as_of" format:"date" doc:"As of this day; today where it is left out."`
		Policy string `query:"policy" maxLength:"200" doc:"Policy whose own rules are known too."`
	}) (*struct{ Body screen.RegimeOn }, error) {
		_, sc, err := s.screenerFor(ctx, in.Policy, in.AsOf)
		if err != nil {
			return nil, err
		}
		r, ok := sc.screener.Regime(in.ID)
		if !ok {
			return nil, notFound.problem(fmt.Sprintf("There is no rule %q: GET /v1/regimes lists them.", clip(in.ID)))
		}
		return &struct{ Body screen.RegimeOn }{r}, nil
	})

	register(s, operation(http.MethodGet, "/v1/lists", "lists", "Knowledge", "The official lists, their editions and how old they are", rules{need: access.Read}), func(ctx context.Context, _ *struct{}) (*struct{ Body ListsAnswer }, error) {
		k, err := s.state()
		if err != nil {
			return nil, err
		}
		kept, err := s.listsKept()
		if err != nil {
			return nil, err
		}
		return &struct{ Body ListsAnswer }{ListsAnswer{k.Snapshot.Version(), k.Snapshot.Sum(), kept}}, nil
	})
}

// screenerFor is the screener of a request.
func (s *Server) screenerFor(ctx context.Context, policy, asOf string) (*Knowledge, *keptScreener, error) {
	k, err := s.state()
	if err != nil {
		return nil, nil, err
	}
	p, err := s.policyFor(ctx, k, policy)
	if err != nil {
		return nil, nil, err
	}
	on, err := s.asOf(asOf, "query.as_of")
	if err != nil {
		return nil, nil, err
	}
	sc, err := s.screener(ctx, k, p, on)
	return k, sc, err
}

func (s *Server) listsKept() ([]ListAnswer, error) {
	today := offshelf.DayOf(s.Clock())
	out := make([]ListAnswer, 0, len(lists.Sources))
	for _, src := range lists.Sources {
		a := ListAnswer{List: src.ID, Title: src.Title, State: "none"}
		if s.Editions != nil {
			st, err := s.Editions.State(src.ID)
			if err != nil {
				return nil, err
			}
			a.Kept, a.Failure, a.Checked = len(st.Editions), st.Failure, st.Checked
			if r := st.InForce(); r != nil {
				a.fill(r, today)
			}
			if st.Failure != "" {
				a.State = "failed"
			}
		}
		out = append(out, a)
	}
	return out, nil
}

func (a *ListAnswer) fill(r *edition.Record, today offshelf.Day) {
	age := max(int(today-r.Date.Latest()), 0)
	a.State, a.Edition, a.Date, a.Entries, a.AgeDays = "in force", r.SHA256, r.Date, r.Entries, &age
}
