package exchange

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

// PartyRecord is a party as an entity of FollowTheMoney states it.
type PartyRecord struct {
	Line        int
	ID          string // of the entity
	Kind        string // as offshelf.Party has it; asset for what can be held and holds nothing
	Name        string // the one that is the caption, else the first; the id where it has none
	Country     string // ISO 3166-1 alpha-2, or nothing where it is not one country
	Aliases     []string
	Referents   []string              // other ids of the entity, by which stakes may name it
	Identifiers []offshelf.Identifier // normal, and right by their check digits; none of persons
	Publisher   string
}

// StakeRecord is one holder's stake in one party.
type StakeRecord struct {
	Line         int
	ID           string // of the entity
	Holder, Held string // ids of entities
	Share        offshelf.Share
	Control      bool
	offshelf.Interval
	Unconfirmed bool // the entity says of itself that it is not confirmed
	Publisher   string
}

// ListingRecord is a sanction under one programme.
type ListingRecord struct {
	Line    int
	ID      string // of the entity
	Party   string // id of an entity
	List    string // id of the programme, in lower case
	Printed string // name as printed, where our own export wrote it
	Reason  string // number of the act, else the reason, else the authority
	Status  string // active, modified, inactive, pending-litigation, or nothing
	offshelf.Interval
	Publisher   string
	Unconfirmed bool
}

// LinkRecord is a succession: one party took the place of another.
type LinkRecord struct {
	Line     int
	ID       string
	From, To string // ids of entities
	Date     offshelf.Date
}

// maxPairs bounds the stakes that one entity gives.
const maxPairs = 100

// maxNumbers bounds the identifiers of one party.
const maxNumbers = 50

// maxDoubts bounds the doubts about one entity.
const maxDoubts = 20

// kinds are the schemata that are parties.
var kinds = map[string]string{
	company: "company", organization: "group", legalEntity: "", person: "person", publicBody: "state",
	asset: "asset", "Vessel": "vessel", "Airplane": "asset", "Vehicle": "asset", "RealEstate": "asset", "Security": "asset",
}

// notStakes says of schemata why they are no stake.
var notStakes = map[string]string{
	"Family": "a family tie is no ownership", "Associate": "an associate is no owner",
	"Directorship": "a directorship is no stake", "Membership": "a membership is no stake", "Employment": "employment is no stake",
	"Representation": "a representative owns nothing", "Debt": "a debt is no stake", "Occupancy": "an office is no stake",
	"Payment": "a payment says nothing about ownership", "Address": "an address says nothing about ownership",
	"Passport": "papers of persons are not read", "Identification": "papers say nothing about ownership",
}

var (
	soleControl   = regexp.MustCompile(`(?i)\bsole (control|controller|shareholder|owner|proprietor)\b`)
	controlRole   = regexp.MustCompile(`(?i)\b(control|controls|controlling|controlled|subsidiary|subsidiaries|parent)\b`)
	noControl     = regexp.MustCompile(`(?i)\b(non-?controlling|no control|not control\w*|without control)\b`)
	ownerRole     = regexp.MustCompile(`(?i)^(owner|beneficial owner|ultimate beneficial owner|shareholder|stockholder|holding company|(majority |minority |controlling )owner|control|controls|parent( company)?( of)?)$`)
	heldRole      = regexp.MustCompile(`(?i)^(subsidiary( company)?( of)?|owned by|controlled by|held by)$`)
	statusCarried = map[string]bool{"modified": true, "inactive": true, "pending-litigation": true}
)

// read says what the entity that was just scanned is.
func (b *batch) read(o *outcome) {
	x := &b.x
	switch x.schema {
	case ownership:
		b.stake(o, x.get(keyOwner), x.get(keyAsset), "owner", "asset", false)
		return
	case sanction:
		b.listing(o)
		return
	case unknownLink:
		b.link(o)
		return
	case "Directorship":
		if soleControl.MatchString(strings.Join(x.get(keyRole), "; ")) {
			b.stake(o, x.get(keyDirector), x.get(keyOrganization), "director", "organization", true)
			return
		}
	case "Succession":
		b.succession(o)
		return
	}
	if kind, ok := kinds[x.schema]; ok {
		b.party(o, kind)
		return
	}
	if o.Ignored = notStakes[x.schema]; o.Ignored == "" {
		o.Ignored = "an entity of schema " + cutTo(x.schema, 40) + " says nothing about ownership"
	}
}

func (b *batch) party(o *outcome, kind string) {
	x := &b.x
	if x.schema == asset && x.first(keyDescription) == brandMark {
		o.Ignored = "a brand: state brands in YAML"
		return
	}
	p := PartyRecord{Line: o.Line, ID: x.id, Kind: kind, Publisher: x.first(keyPublisher)}
	names := x.get(keyName)
	if len(names) > 0 {
		p.Name = names[0]
		names = names[1:]
	} else if names = x.get(keyAlias); len(names) > 0 {
		p.Name = names[0]
		names = names[1:]
	} else if names = x.get(keyWeakAlias); len(names) > 0 {
		p.Name = names[0]
		names = names[1:]
	}
	if p.Name == "" {
		p.Name = x.id
	}
	from := len(b.texts)
	if x.caption != p.Name && slices.Contains(names, x.caption) {
		b.texts = append(b.texts, p.Name)
		p.Name = x.caption
	}
	b.texts = append(b.texts, names...)
	b.texts = append(b.texts, x.get(keyAlias)...)
	p.Aliases = b.texts[from:len(b.texts):len(b.texts)]
	p.Referents = x.values[x.referents.from:x.referents.to:x.referents.to]
	if len(p.Referents) > 0 { // the scanner reads the next line into its store
		from := len(b.texts)
		b.texts = append(b.texts, p.Referents...)
		p.Referents = b.texts[from:len(b.texts):len(b.texts)]
	}
	for _, k := range []key{keyJurisdiction, keyMainCountry, keyCountry} {
		if v := x.get(k); len(v) == 1 {
			if p.Country = countryOf(v[0]); p.Country != "" {
				break
			}
		}
	}
	if kind != "person" { // numbers of persons are nobody's business here
		b.identify(o, &p)
	}
	b.parties = append(b.parties, p)
}

// numbered are the properties that hold identifiers.
var numbered = []struct {
	key              key
	property, scheme string
}{
	{keyLEI, "leiCode", offshelf.SchemeLEI}, {keyUSCC, "uscCode", offshelf.SchemeUSCC}, {keyINN, "innCode", offshelf.SchemeINN}, {keyOGRN, "ogrnCode", offshelf.SchemeOGRN},
	{keyIMO, "imoNumber", offshelf.SchemeIMO}, {keyCIK, "cikCode", offshelf.SchemeCIK}, {keyDUNS, "dunsCode", offshelf.SchemeDUNS}, {keyISIN, "isin", offshelf.SchemeISIN},
}

// identify collects the identifiers that are right, and a doubt for each that
// is not.
func (b *batch) identify(o *outcome, p *PartyRecord) {
	from := len(b.ids)
	add := func(scheme, id string) {
		if len(b.ids)-from >= maxNumbers {
			o.doubt("identifier", "has more than 50 numbers: the others are left out")
			return
		}
		i := offshelf.Identifier{Scheme: scheme, ID: id}.Normal()
		if err := i.Check(); err != nil {
			o.doubt("identifier", err.Error()+"; it is left out")
			return
		}
		for _, have := range b.ids[from:] {
			if have.ID == i.ID && (have.Scheme == i.Scheme || i.Scheme == offshelf.SchemeRegistration) {
				return
			}
		}
		b.ids = append(b.ids, i)
	}
	for _, n := range numbered {
		for _, id := range b.x.get(n.key) {
			add(n.scheme, id)
		}
	}
	known := len(b.ids)
	for _, id := range b.x.get(keyRegistration) {
		if scheme, bare, ok := strings.Cut(id, " "); ok && strings.ToUpper(scheme) == scheme && (offshelf.Identifier{Scheme: scheme}).Known() {
			add(scheme, bare) // as our own export writes it
			continue
		}
		same := false
		for _, have := range b.ids[from:known] {
			same = same || have.ID == strings.TrimSpace(id)
		}
		switch {
		case same:
		case p.Country == "GB" && companiesHouse.MatchString(id):
			add("GB-COH", id)
		case p.Country == "" || strings.HasPrefix(id, p.Country+" "):
			add(offshelf.SchemeRegistration, id)
		default:
			add(offshelf.SchemeRegistration, p.Country+" "+id)
		}
	}
	p.Identifiers = b.ids[from:len(b.ids):len(b.ids)]
}

var companiesHouse = regexp.MustCompile(`^([0-9]{6,8}|(SC|NI|OC|SO|NC|FC)[0-9]{6})$`)

// countryOf reads a country of FollowTheMoney, a code in small letters.
func countryOf(s string) string {
	if len(s) == 2 && s[0] >= 'a' && s[0] <= 'z' && s[1] >= 'a' && s[1] <= 'z' {
		switch s {
		case "eu", "zz", "uk": // no country, or not by that code
		default:
			return upper(s)
		}
	}
	if len(s) > 3 {
		s, _, _ = strings.Cut(s, "-") // us-de, a state
	}
	if len(s) != 2 && len(s) != 3 {
		return ""
	}
	return name.Country(s)
}

// upper is the capital form of two letters, without an allocation a party.
func upper(s string) string {
	const all = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	i, j := int(s[0]-'a'), int(s[1]-'a')
	return pairs[(i*len(all)+j)*2 : (i*len(all)+j)*2+2]
}

var pairs = func() string {
	var b strings.Builder
	for i := 'A'; i <= 'Z'; i++ {
		for j := 'A'; j <= 'Z'; j++ {
			b.WriteRune(i)
			b.WriteRune(j)
		}
	}
	return b.String()
}()

// link reads an UnknownLink, which is a stake where its role says so.
func (b *batch) link(o *outcome) {
	x := &b.x
	for _, r := range x.get(keyRole) {
		switch {
		case ownerRole.MatchString(r):
			b.stake(o, x.get(keySubject), x.get(keyObject), "subject", "object", false)
			return
		case heldRole.MatchString(r):
			b.stake(o, x.get(keyObject), x.get(keySubject), "object", "subject", false)
			return
		}
	}
	o.Ignored = "a link whose role says no ownership"
}

func (b *batch) succession(o *outcome) {
	x := &b.x
	from, to := x.first(keyPredecessor), x.first(keySuccessor)
	if from == "" || to == "" {
		o.Refused = "names no predecessor or no successor: a succession has both"
		return
	}
	d := b.date(o, "date", append(x.get(keyDate), x.get(keyStartDate)...), false)
	b.links = append(b.links, LinkRecord{o.Line, x.id, from, to, d})
	o.Ignored = "a succession is no stake: it is told as a finding"
}

// listing reads a sanction.
func (b *batch) listing(o *outcome) {
	x := &b.x
	parties := x.get(keyEntity)
	lists := x.get(keyProgramID)
	if len(lists) == 0 {
		lists = x.get(keyProgram)
	}
	if len(lists) == 0 {
		lists = x.get(keyAuthority)
	}
	switch {
	case len(parties) == 0:
		o.Refused = "names no entity that is listed"
		return
	case len(lists) == 0:
		o.Refused = "names no programme and no authority: whose list it is stays open"
		return
	case len(parties)*len(lists) > maxPairs:
		o.Refused = "names more than 100 pairs of entity and programme: split it"
		return
	}
	l := ListingRecord{Line: o.Line, ID: x.id, Reason: cmp.Or(x.first(keyAuthorityID), x.first(keyReason), x.first(keyAuthority)), Publisher: x.first(keyPublisher)}
	if !b.period(o, &l.Interval) {
		return
	}
	if l.From.IsZero() {
		l.From = b.date(o, "listingDate", x.get(keyListingDate), false)
		if l.Backwards() {
			o.Refused = backwards(l.Interval)
			return
		}
	}
	for _, s := range x.get(keyStatus) {
		switch s = strings.ToLower(s); {
		case s == unconfirmed:
			l.Unconfirmed = true
		case statusCarried[s] && l.Status == "":
			l.Status = s
		}
	}
	for _, t := range x.get(keySummary) {
		if printed, ok := strings.CutPrefix(t, printedMark); ok {
			l.Printed = printed
		}
	}
	for _, p := range parties {
		for _, list := range lists {
			l.Party, l.List = p, strings.ToLower(strings.TrimSpace(list))
			b.listings = append(b.listings, l)
		}
	}
}
