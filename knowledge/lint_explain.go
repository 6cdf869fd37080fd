package knowledge

// Rules are the lint rules: the first line says what each asks for, the rest
// why, and how a problem is mended.
var Rules = map[string]string{
	"syntax": asks("the file is valid YAML in UTF-8",
		`A file that is read in part would leave out facts without a word, so one that
cannot be read at all is refused. Tabs, NUL bytes, other encodings and keys that
stand twice are the usual causes.`,
		`save the file as UTF-8 and indent with spaces.`),
	"schema": asks("only known sections and fields, each of its own form",
		`A field that is misspelt would be dropped in silence: "untill: 2022-11-24" would
leave a stake open for ever. Every name is compared with the ones that there are,
and the nearest is named.`,
		`write the field as the message has it, for example
    until: 2022-11-24`),
	"size": asks("a file stays under 1 MiB",
		`The reader keeps a tree of the whole file in memory, and so does the person who
reviews it.`,
		`split the file by subject, one maker with its brands a file.`),
	"alias": asks("no YAML anchors, aliases, merge keys or tags",
		`A hostile file nests aliases until a few lines become gigabytes, and a fact that
stands elsewhere cannot be reviewed where it is used.`,
		`write the value out in each place.`),
	"read": asks("the file can be read",
		`A folder of facts is taken as a whole or not at all: with one file left out, a
product could count as not reached.`,
		`correct the name or the permissions of the file.`),
	"id": asks("ids are unique, of lower-case letters, digits and hyphens",
		`Facts name each other by id, and policies, findings and notes of people do too. An
id that two facts share, or that is written in two ways, ties a product to the wrong
company.`,
		`choose another id, or merge the two facts:
    - id: lorex-technology`),
	"source": asks("every fact has a source, or is graded claim and says so",
		`A finding takes a product off the shelf, and the supplier will ask on what
evidence. A fact without a source may still be worth keeping, but it can only make
an answer possible.`,
		`name a source, or say that there is none:
    sources: [fr-2019-22210]
    grade: claim`),
	"reference": asks("every party, brand, source, list and goods class that is named exists",
		`A chain breaks at a name that leads nowhere: the product would count as not
reached.`,
		`correct the id as the message suggests, or add the fact that is named.`),
	"interval": asks("an interval ends after it starts",
		`From is included and until is excluded. An interval that ends before it starts
holds on no day, so that the fact says nothing at all.`,
		`correct the dates; for a single day, until is the day after:
    from: 2018-02-06
    until: 2018-02-07`),
	"identifier": asks("an identifier has the form and check digit of its scheme, and belongs to one party",
		`Ownership data of registers is joined to the facts by identifiers alone. One wrong
digit joins a product to the wrong company, or to none.`,
		`compare the number with the register; a scheme is lei, uscc, inn, ogrn, imo, cik,
duns, isin, or a register code:
    identifiers: [{scheme: GB-COH, id: "02723534"}]`),
	"name": asks("a name belongs to one brand, or the others say why they share it",
		`A product that carries the name would be given to whichever brand comes first.
Spellings that fold to the same letters and digits are the same name.`,
		`drop the name in one of them, or say in both why they share it:
    ambiguous: also the name of a maker of lamps`),
	"goods": asks("goods classes form no circle and share no category code",
		`A category code says the class of a product before any word does, so that it must
mean one class; and a class that lay within itself would have no end.`,
		`keep the code in one class, in quotes where it is a number:
    - {id: router, title: Routers, within: network, words: [router], google: ["342"]}`),
	"listing": asks("a listing is of a party or of goods, and its exceptions say what they except",
		`A rule of reach kind goods has no companies to start from: what stands on its lists
are classes of goods. An exception that is not said clearly would leave goods on sale
that the law forbids.`,
		`    - list: us-fcc-covered-category
      name: Routers produced in a foreign country
      goods: [router]
      origin_not: [US]
      from: 2026-03-23
      exceptions:
        - {id: conditional-approval, what: routers with a conditional approval, words: [conditional approval]}`),
	"tell": asks("a tell has a valid pattern, a strength, and a brand or party",
		`A tell stands for the maker where no name does, so its pattern must fit what is
printed on the goods and nothing else.`,
		`    - {kind: model, pattern: ^DS-2CD, brand: hikvision, strength: medium, sources: [hik-catalog]}`),
	"regime": asks("a regime has lists, a reach and periods",
		`A rule that says not which list triggers it, how far it reaches or when it is in
force would be applied wrongly or never.`,
		`fill in the part that the message names, for example
    reach: {kind: owned, threshold: 5000, control: ask, owner: true, maker: true}`),
	"policy": asks("a policy names only regimes and brands that exist, and its expressions compile",
		`A rule of a policy that names a regime that is misspelt matches nothing, and the
product stays on the shelf. The same goes for a word in a when.`,
		`correct the id; offshelf knowledge show ID prints what there is. The variables of
a when stand in docs/reference.md.`),
	"required": asks("no required field is empty",
		`A listing without the name as printed cannot be checked against the list, a source
without a title cannot be cited.`,
		`fill in the field that the message names.`),

	"grade": asks("no fact is graded stronger than its best source",
		`A fact of grade hobby or claim makes an answer possible, never reached. If a fact
could grade itself up, a single note in a forum would decide what is sold.`,
		`cite the better source that you have, or leave grade out: it is then that of the
best source.
    sources: [forum-thread, ipvm-2019-teardown]`),
	"reachable": asks("a reader can find the source: title, publisher, URL with a host or a citation, a date that has come",
		`Whoever doubts a finding goes to its sources. Without publisher and address the
source cannot be judged or found again when its page has moved; a date that has not
come yet is a slip of the pen, and would start facts in the future.`,
		`    - id: fr-2019-22210
      title: Addition of certain entities to the Entity List, 84 FR 54002
      publisher: US Bureau of Industry and Security
      url: https://www.federalregister.gov/documents/2019/10/09/2019-22210/
      date: 2019-10-09
      grade: official
What is on no page gets a citation in place of the URL:
      citation: label of the camera N4K3, photographed 2021-10-25`),
	"dangling": asks("a source is cited by a fact, and a party stands in a fact",
		`What nothing leads to is never seen again: a source that was read for a fact which
was then forgotten, or a company whose stake was never written down. Either way
something is missing.`,
		`cite the source in the fact that it supports, write the stake, make or listing of
the party, or drop it.`),
	"duplicate": asks("a fact stands once",
		`Two copies of a fact drift apart: one is corrected, the other keeps the old end
date and goes on to hold. Two sources with one URL and title are numbered as two
witnesses where there is one.`,
		`merge the two, with the sources of both:
    sources: [verge-2021-10-25, techcrunch-2021-10-25]`),
	"shares": asks("what the holders of a party have at one time adds up to at most 100%",
		`Over 100%, at least one share, date or holder is wrong, and a rule of aggregation
such as the 50% rule would count what is not there. The least of each range counts;
several shares of one holder count once.`,
		`end the stake that was sold, or say of the one that is contradicted why it does not
carry:
    conflict: the annual report of 2022 has 36.35%; this registry entry was not renewed`),
	"disagree": asks("two firm facts about the same pair do not contradict each other at the same time",
		`Firm means a grade of trade or better. Shares of the same holder in the same party
that cannot both be true, a make that is both the making and only a likeness, or a
fact that is refuted elsewhere: the answer would depend on which one is read first.`,
		`end one when the other begins, or say of one why it does not carry:
    conflict: the filing of 2023-04 corrects this share`),
	"overlap": asks("a brand has one holder at a time, or a note says why it has more",
		`A brand that was sold has left its old holder on that day. With both in place the
old owner still taints it, as if Lorex had never left Dahua.`,
		`end the old holder, or say how they share the mark:
    until: 2022-11-24
    note: Skywatch holds it in Taiwan, FLIR in the other countries`),
	"word": asks("a brand that is an everyday word says so",
		`"Defender" is a brand of recorders, and a word in the titles of cases, cars and
books. A name among the 20,000 commonest words needs a rule of context: ambiguous
asks for goods that fit, common does not even look at a title that holds the word
alone.`,
		`    ambiguous: A common word, of cases, cars and many other goods.
    common: true`),
	"collision": asks("a name of a brand is not the name of a party that does not hold it",
		`A manufacturer column that names that party would be read as the brand, and the
brand column as the party: two companies become one. Two parties of one name are
told apart by nothing at all.`,
		`drop the alias, name the party as a holder, make the alias longer, or say why they
share it:
    ambiguous: also the name of a maker of lamps, which does not hold it`),
	"review": asks("the review date of a fact has not passed",
		`Some facts age: a suspension that runs out, a sale that was announced, a court case.
Whoever writes one down says when somebody must look again.`,
		`look again, correct the fact, and set the next date:
    review: 2027-05-10`),
	"edition": asks("a listing without an end is still printed in the newest edition of its list",
		`A company that was removed stays listed here until somebody writes the end, and
goods stay off the shelf for no reason. A name that changed is found in the same way.
Checked where an edition is given:
    offshelf knowledge lint --edition us-bis-el=entity-list.json`,
		`write the day of the removal and its source, or the name as it is printed now:
    until: 2026-03-02`),
	"circle": asks("no brand is a line of itself, and no party wholly holds itself through others",
		`Companies do hold small shares of one another in a circle. A whole share leaves none
for anybody else, so a circle of whole shares on the same day is an error in one of
them, and a brand that is a line of itself has no holder.`,
		`correct a share, a date or the parent:
    until: 2025-05-01`),
}

func asks(what, why, mend string) string {
	return what + "\n\nWhy: " + why + "\n\nTo mend it: " + mend
}
