package offshelf

// MaxGoods bounds the goods classes of a state of the knowledge, which are bits
// where products are read.
const MaxGoods = 128

// GoodsClass is a class of goods that brands are known for and regimes are
// limited to. A code in the product's CategoryCode says the class, and where
// there is none, the Words in its category and title do.
type GoodsClass struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Words     []string `json:"words"`
	Within    string   `json:"within,omitempty"`    // the broader class that all goods of this one belong to
	Accessory bool     `json:"accessory,omitempty"` // goods that are usually made for another product

	// Google lists categories of the Google product taxonomy, as numbers or as
	// paths in English; a path stands for all below it. GPC lists codes of the
	// GS1 Global Product Classification; a segment, family or class stands for
	// the codes below it, as far as their digits tell.
	Google []string `json:"google,omitempty"`
	GPC    []string `json:"gpc,omitempty"`

	// Decisive words say by themselves, where they name what a title is about,
	// that a product of no known brand is of this class. Not lists phrases that
	// hold a word of the class and mean something else.
	Decisive []string `json:"decisive,omitempty"`
	Not      []string `json:"not,omitempty"`
}

// Language is what the words around a brand name mean.
type Language struct {
	Compatible []string `json:"compatible"` // cues in front of a brand the product is for
	Reference  []string `json:"reference"`  // cues behind a brand the product imitates or fits
	Imitation  []string `json:"imitation"`  // like Reference, but only directly behind the brand
	Compare    []string `json:"compare"`    // cues in front of a brand the product is compared with
	Near       []string `json:"near"`       // cues of compatibility that reach the next word only
	Bundle     []string `json:"bundle"`     // cues in front of a brand that comes along
	Breakers   []string `json:"breakers"`   // words that end the reach of a cue
	Lead       []string `json:"lead"`       // words that may stand before the brand at a title's head
	Nobody     []string `json:"nobody"`     // brand columns that name no brand
	Channels   []string `json:"channels"`   // brand columns that name a carrier, shop or distributor
}
