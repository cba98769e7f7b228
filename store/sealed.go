package store

import (
	"context"
	"strings"

	"statusd/app/model"
	"statusd/store/seal"
)

// place is a column whose values are sealed under the master key. Nothing is sealed that is not in a place: that is how a change of
// the key reaches everything.
type place int

// The places. A test looks at every column that could be one.
const (
	keyCheck place = iota // by which a start proves that it has the right key
	checkHeaders
	checkBody
	subscriberAddress
	subscriberSecret
	subscriberToken
	mailSettings
	dkimKey
	restartTargetSecrets

	places // how many
)

// sealedColumn is where the values of a place are, and what they are bound to.
type sealedColumn struct {
	purpose       string // never to be changed
	table, column string
	row           string // whose number a value is bound to
	only          string // which rows of the table
}

var sealedColumns = [places]sealedColumn{
	keyCheck:             {"instance.key_check", "instance", "value", "0", "name = 'key_check'"},
	checkHeaders:         {"check.headers", "checks", "headers", "id", "true"},
	checkBody:            {"check.body", "checks", "body", "id", "true"},
	subscriberAddress:    {"subscriber.address", "subscribers", "address", "id", "true"},
	subscriberSecret:     {"subscriber.secret", "subscribers", "secret", "id", "true"},
	subscriberToken:      {"subscriber.token", "subscribers", "token", "id", "true"},
	mailSettings:         {"instance.mail", "instance", "value", "0", "name = 'mail'"},
	dkimKey:              {"instance.dkim", "instance", "value", "0", "name = 'dkim'"},
	restartTargetSecrets: {"restart_target.secrets", "restart_targets", "secrets", "id", "true"},
}

// derivedColumn holds what is computed with the master key and something sealed.
type derivedColumn struct {
	table, column string
	remake        func(*Tx, context.Context) error // computes all of it with the transaction's key
}

var derivedColumns = []derivedColumn{
	{"subscribers", "address_mac", (*Tx).remakeAddressMACs},
}

func (p place) seal(s *seal.Sealer, row int64, plain []byte) []byte {
	return s.Seal(sealedColumns[p].purpose, row, plain)
}

func (p place) open(s *seal.Sealer, row int64, sealed []byte) ([]byte, error) {
	return s.Open(sealedColumns[p].purpose, row, sealed)
}

// reveal opens a value of a place; nothing for NULL.
func (v View) reveal(p place, row int64, sealed []byte) (model.Secret, error) {
	if sealed == nil {
		return "", nil
	}
	plain, err := p.open(v.sealer, row, sealed)
	return model.Secret(plain), err
}

// conceal seals a secret for a place; NULL for none.
func (v View) conceal(p place, row int64, secret model.Secret) []byte {
	if secret == "" {
		return nil
	}
	return p.seal(v.sealer, row, []byte(secret.Reveal()))
}

// addressMAC is the value by which an address of a channel is found. Mailboxes and chats are the same in upper and lower case: otherwise
// each way to write one would be mailed as somebody new.
func (v View) addressMAC(channel model.Channel, address model.Secret) []byte {
	text := address.Reveal()
	if channel != model.Webhook {
		text = strings.ToLower(text)
	}
	return v.sealer.MAC(sealedColumns[subscriberAddress].purpose+"."+channel.String(), []byte(text))
}

// keyProof are the words that the place keyCheck holds.
const keyProof = "statusd"

// newProof is what a database says about the key it is written with.
func newProof(s *seal.Sealer) []byte { return keyCheck.seal(s, 0, []byte(keyProof)) }

// proven checks the key of a sealer against what a database says.
func proven(s *seal.Sealer, proof []byte) error {
	_, err := keyCheck.open(s, 0, proof)
	return err
}
