package catalog

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// telling holds the column names that tell a field, folded, best first: in
// English and in the languages of the larger European shops.
var telling = []struct {
	field field
	score int
	names string
}{
	{fieldTitle, 100, `title producttitle itemtitle productname articlename titel produkttitel titre titulo titolo
		tytul titulodelproducto titoloprodotto titreduproduit productnaam`},
	{fieldTitle, 95, `name itemname listingtitle bezeichnung artikelbezeichnung produktbezeichnung produktname
		artikelname nom nomduproduit nomproduit nombre nombredelproducto nombreproducto nome nomeprodotto
		nomedelprodotto nomedoproduto nomeproduto naam nazwa nazwaproduktu nazwatowaru`},
	{fieldTitle, 85, `pagetitle longname displayname libelle designation intitule denominazione offertitle headline`},
	{fieldTitle, 60, `product item artikel produkt article producto articulo prodotto articolo produto shorttitle
		productdescriptionshort`},
	{fieldBrand, 100, `brand brandname brands marke markenname marque marca merk merknaam marka nommarque
		nombremarca nomemarca nazwamarki productbrand`},
	{fieldBrand, 70, `brandlabel label trademark`},
	{fieldManufacturer, 100, `manufacturer manufacturername hersteller herstellername fabricant fabricante
		produttore fabrikant producent wytworca nomfabricant`},
	{fieldManufacturer, 90, `mfr mfrname mfg mfgname maker producer produzent costruttore fabbricante constructeur`},
	{fieldVendor, 100, `vendor vendorname seller sellername lieferant fournisseur vendeur proveedor vendedor
		fornitore venditore leverancier verkoper dostawca sprzedawca fornecedor marchand`},
	{fieldVendor, 90, `supplier suppliername merchant merchantname shop shopname haendler handler verkaufer
		verkaeufer winkel sklep tienda negozio loja soldby storename`},
	{fieldVendor, 60, `store retailer`},
	{fieldModel, 100, `model modelno modelnumber modelname modell modellnummer modele modelo modello modelnummer
		numerodemodele numeromodele numerodemodelo numeromodello nrmodelu productmodel`},
	{fieldModel, 85, `modelcode modelid modellname modelnum modelnr modelref`},
	{fieldMPN, 100, `mpn manufacturerpartnumber mfrpartnumber mfgpartnumber manufacturerpartno herstellernummer
		herstellerartikelnummer herstellerteilenummer referencefabricant codefabricant referenciafabricante
		codiceproduttore kodproducenta fabrikantcode`},
	{fieldMPN, 85, `partnumber partno mfrpart oemnumber manufacturersku manufacturerreference teilenummer partnum
		mfrpartno mfrno`},
	{fieldGTIN, 100, `gtin ean upc ean13 gtin13 gtin14 gtin12 barcode eancode upccode`},
	{fieldGTIN, 90, `gtin8 ean8 upca upcean eanupc gtinupcean barcodes strichcode codebarre codebarres
		codigodebarras codigobarras codiceabarre kodkreskowy kodean streepjescode eannummer upcnumber`},
	{fieldGTIN, 50, `isbn isbn13`},
	{fieldFCCID, 100, `fccid fccidentifier fccidnumber`},
	{fieldFCCID, 80, `fcc fccnumber fcccode`},
	{fieldFCCGranted, 100, `fccgrantdate fccgranted fccgranteddate fccdateofgrant fccauthorizationdate fccauthorisationdate
		fccauthorized fccauthorised fccdate dateoffccgrant dateoffccauthorization dateoffccauthorisation`},
	{fieldFCCGranted, 80, `grantdate dateofgrant authorizationdate authorisationdate equipmentauthorizationdate
		equipmentauthorisationdate dateofauthorization dateofauthorisation`},
	{fieldApproval, 100, `conditionalapproval conditionalapprovalno conditionalapprovalnumber conditionalapprovalreference
		approvalreference approvalno approvalnumber clearancereference blueuas`},
	{fieldApproval, 70, `approval clearance exemption`},
	{fieldCategoryCode, 100, `googleproductcategory googleproductcategoryid googlecategory googlecategoryid googletaxonomy
		googletaxonomyid googleshoppinggoogleproductcategory googleproductcategorycode`},
	{fieldCategoryCode, 95, `gpcbrick gpcbrickcode gpcbrickid brickcode gs1brick gs1brickcode gpc gpccode gs1gpc gpccategorycode
		gpcclasscode gpcfamilycode gpcsegmentcode gpcclass gpcfamily gpcsegment`},
	{fieldCategoryCode, 80, `categorycode`},
	{fieldMAC, 100, `macaddress mac macaddr macadresse macadres adressemac`},
	{fieldCategory, 100, `category kategorie categorie categoria kategoria productcategory categoryname warengruppe
		produktkategorie`},
	{fieldCategory, 95, `categories breadcrumb breadcrumbs kategorien categorias categoriepath categorypath
		taxonomy`},
	{fieldCategory, 90, `producttype producttypes productgroup categoryname1 categorytree rubrik rubrique rodzaj`},
	{fieldCategory, 60, `type department section typ maincategory parentproducttype subcategory`},
	{fieldOrigin, 100, `countryoforigin herkunftsland ursprungsland paysdorigine paysorigine paisdeorigen
		paesediorigine paeseorigine landvanherkomst krajpochodzenia paisdeorigem`},
	{fieldOrigin, 90, `madein countryofmanufacture origincountry manufacturingcountry productioncountry
		countryofproduction hergestelltin`},
	{fieldOrigin, 70, `origin herkunft origine origen origem herkomst pochodzenie`},
	{fieldDescription, 100, `description productdescription longdescription descriptionhtml bodyhtml beschreibung
		produktbeschreibung artikelbeschreibung descripcion descrizione omschrijving productomschrijving beschrijving
		opis opisproduktu descricao descriptionduproduit`},
	{fieldDescription, 90, `specs specifications specification technicaldetails technischedaten
		caracteristiques caracteristicas caratteristiche kenmerken specyfikacja specificaties`},
	{fieldDescription, 80, `body shortdescription summary details kurzbeschreibung langtext features bulletpoints
		eigenschaften descriptif highlights abouttheproduct about aboutproduct productdetails`},
	{fieldPrice, 100, `price preis prix precio prezzo prijs cena preco finalprice`},
	{fieldPrice, 85, `saleprice currentprice unitprice retailprice sellingprice offersprice verkaufspreis
		precoatual discountedprice actualprice`},
	{fieldPrice, 60, `regularprice listprice initialprice msrp originalprice`},
	{fieldPrice, 30, `oldprice compareatprice`},
	{fieldURL, 100, `url link producturl productlink itemurl pageurl canonicalurl`},
	{fieldURL, 80, `href lien enlace productpage deeplink weblink urlproduit`},
	{fieldID, 100, `rowid id`},
	{fieldID, 95, `productid itemid objectid articleid artikelid produktid offerid listingid identifier`},
	{fieldID, 90, `sku asin artikelnummer artikelnr artnr itemnumber itemno productnumber productcode articlenumber
		referenza reference referencia codigo codice kodproduktu productno uniqid`},
	{fieldID, 60, `handle urlhandle ref code`},
}

type tell struct {
	field field
	score int
}

var byName = func() map[string]tell {
	m := map[string]tell{}
	for _, t := range telling {
		for n := range strings.FieldsSeq(t.names) {
			if _, ok := m[n]; !ok {
				m[n] = tell{t.field, t.score}
			}
		}
	}
	return m
}()

// foldName brings a column name to letters and digits, lowercase and without
// accents: "Catégorie" and "categorie" are one name.
func foldName(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case r == 'ł':
			b.WriteByte('l')
		case r == 'ß':
			b.WriteString("ss")
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// maxName bounds what is taken for the name of a column.
const maxName = 128

// tellOf returns the field that a column name tells.
func tellOf(name string) (tell, bool) {
	if len(name) > maxName {
		return tell{}, false
	}
	lower := strings.TrimSpace(strings.ToLower(name))
	lower = strings.TrimPrefix(lower, "g:")
	lower = strings.TrimPrefix(lower, "variant ")
	folded := foldName(lower)
	if t, ok := byName[folded]; ok {
		return t, true
	}
	// "brand.name" of JSON says what "brand" says.
	if i := strings.LastIndexByte(lower, '.'); i > 0 {
		switch lower[i+1:] {
		case "name", "value", "title", "label":
			if t, ok := byName[foldName(lower[:i])]; ok {
				return tell{t.field, t.score - 2}, true
			}
		}
		return tell{}, false
	}
	for _, prefix := range []string{"product", "item", "article", "artikel", "produkt"} {
		if rest, ok := strings.CutPrefix(folded, prefix); ok {
			if t, ok := byName[rest]; ok {
				return tell{t.field, t.score - 5}, true
			}
		}
	}
	return tell{}, false
}
