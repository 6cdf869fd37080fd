package offshelf

// GoodsClass is a class of goods that brands are known for and regimes are
// limited to. Words are looked for in a product's category and title.
type GoodsClass struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Words     []string `json:"words"`
	Accessory bool     `json:"accessory,omitempty"` // goods that are usually made for another product
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
