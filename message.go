package offshelf

// Message is one line of the stream. Exactly one field is set.
type Message struct {
	Config   *Config          `json:"config,omitempty"`
	Progress *Progress        `json:"progress,omitempty"`
	Product  *ScreenedProduct `json:"product,omitempty"`
	Finding  *Finding         `json:"finding,omitempty"`
	Summary  *Summary         `json:"summary,omitempty"`
}

// Config opens a stream: everything that the result depends on.
type Config struct {
	Protocol  string       `json:"protocol"` // "offshelf/1"
	Tool      string       `json:"tool"`     // version of offshelf
	AsOf      string       `json:"as_of"`
	Knowledge string       `json:"knowledge"` // version of the knowledge
	Snapshot  string       `json:"snapshot"`  // its SHA-256
	Policy    string       `json:"policy"`
	PolicySum string       `json:"policy_sha256"`
	Minimum   float64      `json:"minimum_probability"`
	Catalogs  []CatalogUse `json:"catalogs"`
	All       bool         `json:"all,omitempty"`

	SinceListed bool `json:"since_listed,omitempty"` // days since listed are counted
}

// CatalogUse says how a catalog was read.
type CatalogUse struct {
	File    string      `json:"file"`
	Format  string      `json:"format"`
	Columns []ColumnUse `json:"columns,omitempty"`
	Notes   []string    `json:"notes,omitempty"`
}

// ColumnUse says which column was read as which field.
type ColumnUse struct {
	Column string `json:"column"`
	Field  string `json:"field"`
	Given  bool   `json:"given,omitempty"` // by the user, not recognised
}

// Progress is sent after every 100,000 rows.
type Progress struct {
	File string `json:"file"`
	Rows int    `json:"rows"`
}

// ScreenedProduct is a product that was attributed, or, with --all, any.
type ScreenedProduct struct {
	Product      Product       `json:"product"`
	Attributions []Attribution `json:"attributions,omitempty"`
	Findings     int           `json:"findings"`
}

// Summary closes a stream. Read = Screened + Skipped + Failed.
type Summary struct {
	Read      int            `json:"read"`
	Screened  int            `json:"screened"`
	Skipped   int            `json:"skipped"`
	Failed    int            `json:"failed"`
	Products  int            `json:"products_with_findings"`
	Findings  int            `json:"findings"`
	Actions   map[string]int `json:"actions"`            // products by their strongest action
	Regimes   map[string]int `json:"regimes"`            // findings by regime
	Problems  []Problem      `json:"problems,omitempty"` // the first of them; Failed and Skipped count all
	Statement string         `json:"statement"`

	SinceListed *SinceListed `json:"since_listed,omitempty"` // where it was asked for
}

// Problem is a row that could not be read, or was skipped, and what to do.
type Problem struct {
	File   string `json:"file"`
	Row    int    `json:"row,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column string `json:"column,omitempty"`
	Kind   string `json:"kind"` // failed, skipped, warning
	Text   string `json:"text"`
}
