package exchange

// key is a property of FollowTheMoney that says something about parties and
// who holds them. The others are checked and passed over.
type key uint8

const (
	keyNone key = iota
	keyName
	keyAlias
	keyWeakAlias
	keyCountry
	keyJurisdiction
	keyMainCountry
	keyLEI
	keyUSCC
	keyINN
	keyOGRN
	keyIMO
	keyCIK
	keyDUNS
	keyISIN
	keyRegistration
	keyOwner
	keyAsset
	keyPercentage
	keySubject
	keyObject
	keyRole
	keyStatus
	keyStartDate
	keyEndDate
	keyDate
	keyEntity
	keyProgram
	keyProgramID
	keyAuthority
	keyAuthorityID
	keyListingDate
	keyReason
	keyRecordID
	keySummary
	keyDescription
	keyPublisher
	keyPredecessor
	keySuccessor
	keyDirector
	keyOrganization
)

func keyOf(name string) key {
	switch name {
	case "name":
		return keyName
	case "alias":
		return keyAlias
	case "weakAlias":
		return keyWeakAlias
	case "country":
		return keyCountry
	case "jurisdiction":
		return keyJurisdiction
	case "mainCountry":
		return keyMainCountry
	case "leiCode":
		return keyLEI
	case "uscCode":
		return keyUSCC
	case "innCode":
		return keyINN
	case "ogrnCode":
		return keyOGRN
	case "imoNumber":
		return keyIMO
	case "cikCode":
		return keyCIK
	case "dunsCode":
		return keyDUNS
	case "isin", "isinCode":
		return keyISIN
	case "registrationNumber":
		return keyRegistration
	case "owner":
		return keyOwner
	case "asset":
		return keyAsset
	case "percentage":
		return keyPercentage
	case "subject":
		return keySubject
	case "object":
		return keyObject
	case "role":
		return keyRole
	case "status":
		return keyStatus
	case "startDate":
		return keyStartDate
	case "endDate":
		return keyEndDate
	case "date":
		return keyDate
	case "entity":
		return keyEntity
	case "program":
		return keyProgram
	case "programId":
		return keyProgramID
	case "authority":
		return keyAuthority
	case "authorityId":
		return keyAuthorityID
	case "listingDate":
		return keyListingDate
	case "reason":
		return keyReason
	case "recordId":
		return keyRecordID
	case "summary":
		return keySummary
	case "description":
		return keyDescription
	case "publisher":
		return keyPublisher
	case "predecessor":
		return keyPredecessor
	case "successor":
		return keySuccessor
	case "director":
		return keyDirector
	case "organization":
		return keyOrganization
	}
	return keyNone
}
