package dossier

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf"
)

// Format names the form of the JSON of a dossier.
const Format = "offshelf-dossier/1"

// Statement ends every dossier. Nothing is ever called clean.
const Statement = "This dossier tells what was found on the subject of this case, and what people did about it. Of everything else it says only that no evidence was found, in the states of knowledge that it names. " +
	"That is not proof that there is none: nothing is called clean."

// Time is an instant in microseconds since 1970, in UTC; 0 is none.
type Time int64

// String is the instant as RFC 3339 to the second, or "".
func (t Time) String() string {
	if t == 0 {
		return ""
	}
	return time.UnixMicro(int64(t)).UTC().Format(time.RFC3339)
}

// Minute is the instant to the minute, for a column of a page, or "".
func (t Time) Minute() string {
	if t == 0 {
		return ""
	}
	return time.UnixMicro(int64(t)).UTC().Format("2006-01-02 15:04")
}

// MarshalText implements encoding.TextMarshaler: RFC 3339 to the microsecond.
func (t Time) MarshalText() ([]byte, error) {
	return time.UnixMicro(int64(t)).UTC().AppendFormat(nil, "2006-01-02T15:04:05.000000Z07:00"), nil
}

// Day is the civil day in UTC, or "".
func (t Time) Day() string {
	if t == 0 {
		return ""
	}
	return time.UnixMicro(int64(t)).UTC().Format(time.DateOnly)
}

// Day is a civil day, as days since 1970; 0 is none.
type Day int64

// String is the day as YYYY-MM-DD, or "".
func (d Day) String() string {
	if d == 0 {
		return ""
	}
	return offshelf.Day(d).String()
}

// MarshalText implements encoding.TextMarshaler: YYYY-MM-DD.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Document is the dossier of a case: all that is known of it, and the state
// that it rests on.
type Document struct {
	Format      string       `json:"format"` // Format
	AsOf        Time         `json:"as_of"`  // of the last event in the ledger
	Workspace   string       `json:"workspace"`
	Case        Case         `json:"case"`
	Verdicts    []Verdict    `json:"verdicts"`
	Rules       []Rule       `json:"rules"`
	Listings    []Listing    `json:"listings"`
	Answers     []Answer     `json:"answers"`
	Products    []Product    `json:"products"`
	Decisions   []Decision   `json:"decisions"`
	Requests    []Request    `json:"supplier_requests"`
	Attachments []Attachment `json:"attachments"`
	Comments    []Comment    `json:"comments"`
	Timeline    []Event      `json:"timeline"`
	State       State        `json:"state"`
	Statement   string       `json:"statement"`
}

// Case is what the case is about and how it stands.
type Case struct {
	ID       int64           `json:"id"`
	Subject  string          `json:"subject"` // brand:ID, party:ID or goods:ID
	Title    string          `json:"title"`
	State    string          `json:"state"`           // open, waiting, proposed, pulled, kept, closed
	Action   offshelf.Action `json:"action"`          // the strongest of its open findings
	Basis    offshelf.Basis  `json:"basis,omitempty"` // law where one of them is law
	Assignee *Person         `json:"assignee,omitempty"`
	Findings int64           `json:"open_findings"` // not kept quiet by a decision
	Products int64           `json:"open_products"`
	Opened   Time            `json:"opened_at"`
	Updated  Time            `json:"updated_at"`
	Closed   Time            `json:"closed_at,omitzero"`
	Version  int64           `json:"version"`
}

// Person is who did something: a user, a key with its name, or the system.
type Person struct {
	Ref   string `json:"ref"` // user:ID, key:ID or system
	Name  string `json:"name,omitempty"`
	Login string `json:"login,omitempty"` // of a key: of the user who made it
}

// Verdict counts the findings that say the same.
type Verdict struct {
	Regime      string           `json:"regime"`
	RegimeTitle string           `json:"regime_title,omitempty"`
	Listing     string           `json:"listing"`
	Listed      string           `json:"listed,omitempty"` // as printed on the list
	Verdict     offshelf.Verdict `json:"verdict"`
	Basis       offshelf.Basis   `json:"basis"`
	Action      offshelf.Action  `json:"action"`
	Since       offshelf.Date    `json:"since,omitzero"` // the earliest of them
	Open        int              `json:"open"`           // findings, also those that a decision keeps quiet
	Quiet       int              `json:"quiet"`          // of the open ones
	Ended       int              `json:"ended"`
}

// Rule is a rule of the findings, with its periods as the kept state of the
// knowledge has them.
type Rule struct {
	ID        string            `json:"id"`
	Title     string            `json:"title"`
	Authority string            `json:"authority,omitempty"`
	Policy    string            `json:"policy,omitempty"` // name of the policy whose house rule it is
	Basis     []offshelf.Basis  `json:"basis"`            // law or policy, as the findings have it
	Reach     string            `json:"reach,omitempty"`  // in words
	Note      string            `json:"note,omitempty"`
	Periods   []Period          `json:"periods,omitempty"`
	Sources   []offshelf.Source `json:"sources,omitempty"`
	Snapshot  string            `json:"snapshot,omitempty"` // that the periods are of
	Unknown   string            `json:"unknown,omitempty"`  // why there are no periods
}

// Period is a span in which a rule says the same thing.
type Period struct {
	Since   offshelf.Date     `json:"since,omitzero"`
	Until   offshelf.Date     `json:"until,omitzero"` // excluded
	State   string            `json:"state"`          // in-force, suspended, scheduled
	Forbids []string          `json:"forbids"`
	Basis   offshelf.Basis    `json:"basis"`
	Note    string            `json:"note,omitempty"`
	Sources []offshelf.Source `json:"sources,omitempty"`
}

// Listing is a list entry, or a concern, that the findings lead to, as it is
// printed.
type Listing struct {
	ID       string            `json:"id"`
	List     string            `json:"list,omitempty"` // where the kept state of the knowledge has it
	Name     string            `json:"name"`           // as printed
	Concern  bool              `json:"concern,omitempty"`
	Citation string            `json:"citation,omitempty"`
	Since    offshelf.Date     `json:"since,omitzero"`
	Until    offshelf.Date     `json:"until,omitzero"`
	Status   string            `json:"status,omitempty"`
	Goods    []string          `json:"goods,omitempty"`
	Origin   []string          `json:"origin,omitempty"`
	Grade    offshelf.Grade    `json:"grade,omitempty"`
	Sources  []offshelf.Source `json:"sources,omitempty"`
}

// Answer is what findings share: the rule, what it says, and the chains.
type Answer struct {
	ID       string           `json:"id"` // SHA-256 of the explanation as it is stored
	Brand    string           `json:"brand,omitempty"`
	Maker    string           `json:"maker,omitempty"`
	Goods    string           `json:"goods,omitempty"`
	Regime   string           `json:"regime"`
	Listing  string           `json:"listing"`
	Listed   string           `json:"listed"`
	Verdict  offshelf.Verdict `json:"verdict"`
	Basis    offshelf.Basis   `json:"basis"`
	State    string           `json:"state"`
	Forbids  []string         `json:"forbids,omitempty"`
	Spared   string           `json:"spared,omitempty"`
	Needs    []string         `json:"needs,omitempty"`
	Action   offshelf.Action  `json:"action"`
	Why      string           `json:"why,omitempty"`
	Since    offshelf.Date    `json:"since,omitzero"`
	Until    offshelf.Date    `json:"until,omitzero"`
	Chains   []offshelf.Chain `json:"chains"`
	Findings int              `json:"findings"`
	Open     int              `json:"open"`
}

// Product is a product of the case with its findings, when it was seen, and
// what was ordered.
type Product struct {
	Key      string             `json:"key"`
	Catalog  string             `json:"catalog"`
	Product  *offshelf.Product  `json:"product,omitempty"` // the version that its latest finding is on
	Kept     map[string]string  `json:"kept,omitempty"`    // columns passed through
	OnShelf  bool               `json:"on_shelf"`          // in the upload that is current
	Seen     []Sighting         `json:"seen,omitempty"`
	Findings []Finding          `json:"findings,omitempty"`
	Pulls    []Pull             `json:"pulls,omitempty"`
	reasons  []offshelf.Reason  // of its latest finding
	strong   offshelf.Action    // the strongest of its open findings
	verdicts []offshelf.Verdict // of its open findings
}

// Sighting is a row of uploads in which a product was on the shelf.
type Sighting struct {
	First       Time  `json:"first_seen"`
	FirstUpload int64 `json:"first_upload"`
	Last        Time  `json:"last_seen"`
	LastUpload  int64 `json:"last_upload"`
	Uploads     int   `json:"uploads"`
	Gone        Time  `json:"gone_on,omitzero"` // the upload that no longer has it
	GoneUpload  int64 `json:"gone_upload,omitempty"`
}

// Finding is the life of a finding.
type Finding struct {
	ID          int64             `json:"id"`
	Fingerprint string            `json:"fingerprint"`
	Regime      string            `json:"regime"`
	Listing     string            `json:"listing"`
	Verdict     offshelf.Verdict  `json:"verdict"`
	Basis       offshelf.Basis    `json:"basis"`
	Action      offshelf.Action   `json:"action"`
	Since       string            `json:"since,omitempty"`
	Probability float64           `json:"probability"`
	Reasons     []offshelf.Reason `json:"reasons,omitempty"`
	Answer      string            `json:"answer"` // id of an Answer
	State       string            `json:"state"`  // open, ended
	EndedWhy    string            `json:"ended_why,omitempty"`
	OpenedRun   int64             `json:"opened_run"`
	Opened      Time              `json:"opened_at"`
	ChangedRun  int64             `json:"changed_run,omitempty"`
	Changed     Time              `json:"changed_at,omitzero"`
	EndedRun    int64             `json:"ended_run,omitempty"`
	Ended       Time              `json:"ended_at,omitzero"`
	Quiet       *Quiet            `json:"quiet,omitempty"`
}

// Quiet is that a decision keeps a finding quiet, or did.
type Quiet struct {
	Decision int64  `json:"decision"`
	State    string `json:"state"` // active, reopened, expired, withdrawn
	Why      string `json:"why,omitempty"`
	Since    Time   `json:"since"`
	Ended    Time   `json:"ended_at,omitzero"`
}

// Pull is that a product was ordered off the shelf, and whether it went.
type Pull struct {
	Decision      int64  `json:"decision"`
	State         string `json:"state"` // ordered, back, gone, withdrawn
	OrderedUpload int64  `json:"ordered_upload"`
	SeenUpload    int64  `json:"seen_upload"`
	Seen          Time   `json:"seen_at,omitzero"`
	Gone          Time   `json:"gone_at,omitzero"`
	Back          Time   `json:"back_at,omitzero"`
}

// Decision is what was decided, by whom, why, and who agreed.
type Decision struct {
	ID         int64    `json:"id"`
	Kind       string   `json:"kind"`  // pull, keep, wait
	State      string   `json:"state"` // proposed, effective, refused, superseded, expired
	ReasonCode string   `json:"reason_code"`
	Meaning    string   `json:"meaning,omitempty"` // of the reason code
	Reason     string   `json:"reason,omitempty"`
	Scope      string   `json:"scope"` // product, brand, supplier
	Products   []string `json:"products,omitempty"`
	Supplier   string   `json:"supplier,omitempty"`
	Channels   []string `json:"channels,omitempty"` // none: all
	Evidence   []int64  `json:"evidence,omitempty"` // ids of attachments
	Expires    Day      `json:"expires_on,omitzero"`
	Basis      string   `json:"basis_digest"` // of what it was decided on
	By         Person   `json:"decided_by"`
	At         Time     `json:"decided_at"`
	AgreedBy   *Person  `json:"agreed_by,omitempty"`
	AgreedAt   Time     `json:"agreed_at,omitzero"`
	Ordered    int      `json:"ordered"` // products that it ordered off the shelf
	Gone       int      `json:"gone"`    // of these, seen gone
	Back       int      `json:"back"`    // of these, back on the shelf
}

// Request is what a supplier was asked.
type Request struct {
	ID        int64    `json:"id"`
	Supplier  string   `json:"supplier"`
	Template  string   `json:"template,omitempty"`
	Letter    string   `json:"letter"`
	Documents []string `json:"documents,omitempty"`
	Due       Day      `json:"due_on,omitzero"`
	State     string   `json:"state"` // open, answered, withdrawn
	By        Person   `json:"asked_by"`
	At        Time     `json:"asked_at"`
	Answered  Time     `json:"answered_at,omitzero"`
	Answer    string   `json:"answer,omitempty"`
}

// Attachment is a file of the case. Its bytes are not in the dossier.
type Attachment struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Size      int64  `json:"size"` // bytes
	SHA256    string `json:"sha256"`
	By        Person `json:"added_by"`
	At        Time   `json:"added_at"`
}

// Comment is what someone wrote to the case.
type Comment struct {
	Leaf int64  `json:"leaf"`
	By   Person `json:"by"`
	At   Time   `json:"at"`
	Text string `json:"text"`
}

// Event is a leaf of the ledger that is about the case.
type Event struct {
	Leaf  int64          `json:"leaf"`
	At    Time           `json:"at"`
	By    Person         `json:"by"`
	Kind  string         `json:"kind"`
	Words string         `json:"words"`
	Data  jsontext.Value `json:"data"` // as it is sealed
}

// State is what the dossier rests on, so that it can be checked later.
type State struct {
	Snapshots []Snapshot `json:"snapshots"`
	Uploads   []Upload   `json:"uploads"`
	Runs      []Run      `json:"runs"`
	Ledger    Ledger     `json:"ledger"`
}

// Snapshot is a state of the knowledge that a run answered from.
type Snapshot struct {
	SHA256   string         `json:"sha256"`
	Version  string         `json:"version,omitempty"`
	Editions jsontext.Value `json:"editions,omitempty"` // of the lists in force, as they are stored: JSON, or a text
	Kept     Time           `json:"kept_at,omitzero"`
	lines    []string       // the editions, for people
}

// Upload is a catalog as it came in.
type Upload struct {
	ID       int64  `json:"id"`
	Catalog  string `json:"catalog"`
	Filename string `json:"filename"`
	Size     int64  `json:"size"` // bytes
	SHA256   string `json:"sha256"`
	By       Person `json:"by"`
	At       Time   `json:"at"`
}

// Run is a screening of an upload.
type Run struct {
	ID           int64  `json:"id"`
	Upload       int64  `json:"upload"`
	State        string `json:"state"`
	AsOf         Day    `json:"as_of"`
	Tool         string `json:"tool"` // version of offshelf
	Snapshot     string `json:"snapshot"`
	Policy       string `json:"policy"`
	PolicySHA256 string `json:"policy_sha256"`
	StreamSHA256 string `json:"stream_sha256"`
	Finished     Time   `json:"finished_at,omitzero"`
}

// Ledger is the state of the ledger when the dossier was put together.
type Ledger struct {
	Size       int64   `json:"size"`   // leaves
	Leaves     []int64 `json:"leaves"` // numbers of the leaves about the case
	Checkpoint string  `json:"checkpoint"`
	Key        string  `json:"key"` // public, that the checkpoint is signed with
}
