package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"statusd/app/model"
	"statusd/store/seal"
)

// Rotation is a change of the master key.
type Rotation struct {
	Old, New string // ids of the keys
	Values   int    // how many secrets were sealed again
}

// RotateKey gives an instance that was opened for this process alone another master key: everything is sealed again, in one
// transaction with what also writes.
//
// The new key is on disk beside the old one before the database needs it, and takes its place afterwards. Whenever that is cut off,
// the next Open sees from the database which of the two it needs (settleKey). A failure leaves all as it was, unless it says otherwise.
func (s *Store) RotateKey(ctx context.Context, also func(*Tx, Rotation) error) (Rotation, error) {
	if err := s.mayRotate(); err != nil {
		return Rotation{}, err
	}
	ctx = context.WithoutCancel(ctx)
	key := seal.NewKey()
	sealer, err := seal.New(key)
	if err != nil {
		return Rotation{}, err
	}
	if err := seal.WriteKey(s.file(newKeyFile), key); err != nil {
		return Rotation{}, err
	}
	r := Rotation{Old: s.key.String(), New: key.String()}
	if err := s.sealAgain(ctx, sealer, &r, also); err != nil {
		return Rotation{}, errors.Join(err, s.settleKey(ctx))
	}
	if err := s.replaceKey(); err != nil {
		return Rotation{}, err
	}
	s.key, s.sealer = key, sealer
	return r, nil
}

// Rewrite writes the database anew, so that nothing of what it held before is left in the unused parts of its file. It takes room for two
// copies: one in the log, one where the system has temporary files.
func (s *Store) Rewrite(ctx context.Context) error {
	done, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	for _, step := range []string{`PRAGMA temp_store = FILE`, `VACUUM`, `PRAGMA temp_store = MEMORY`, `PRAGMA wal_checkpoint(TRUNCATE)`} {
		if _, err := s.conn.ExecContext(ctx, step); err != nil {
			return s.noticed(fmt.Errorf("write the database anew: %w", err))
		}
	}
	return nil
}

// mayRotate refuses what would leave the instance with a key that nobody knows where to look for.
func (s *Store) mayRotate() error {
	if s.lock == nil {
		return errors.New("the key can only be changed by the one who holds the data folder")
	}
	if s.opts.Key != "" {
		return errors.New("the key does not come from the data folder, so it cannot be changed there")
	}
	info, err := os.Lstat(s.file(KeyFile))
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s leads to another file, which would keep the old key: put the file itself there first", s.file(KeyFile))
	}
	return err
}

// sealAgain moves the database from the store's key to another.
func (s *Store) sealAgain(ctx context.Context, to *seal.Sealer, r *Rotation, also func(*Tx, Rotation) error) error {
	return s.Write(ctx, Synced, func(tx *Tx) error {
		for p := range places {
			n, err := tx.sealAgain(ctx, p, to)
			if err != nil {
				return fmt.Errorf("nothing was changed: %w", err)
			}
			if p != keyCheck {
				r.Values += n
			}
		}
		tx.sealer = to
		for _, c := range derivedColumns {
			if err := c.remake(tx, ctx); err != nil {
				return err
			}
		}
		return also(tx, *r)
	})
}

// rotateBatch is how many rows are held in memory while they are sealed again.
const rotateBatch = 100

// sealedValue is what lies in a place.
type sealedValue struct {
	row    int64
	sealed []byte
}

func scanSealed(_ View, row scanner) (v sealedValue, err error) {
	err = row.Scan(&v.row, &v.sealed)
	return v, err
}

// sealAgain opens every value of a place with the transaction's key and seals it with another.
func (tx *Tx) sealAgain(ctx context.Context, p place, to *seal.Sealer) (n int, err error) {
	c := sealedColumns[p]
	for last := int64(math.MinInt64); ; {
		batch, err := query(ctx, tx.View, scanSealed, `
			SELECT `+c.row+`, `+c.column+`
			FROM `+c.table+`
			WHERE `+c.only+` AND `+c.column+` IS NOT NULL AND `+c.row+` > $1
			ORDER BY 1
			LIMIT $2`, last, rotateBatch)
		if err != nil || len(batch) == 0 {
			return n, err
		}
		for _, v := range batch {
			plain, err := p.open(tx.sealer, v.row, v.sealed)
			if err != nil {
				return n, err
			}
			if err := tx.execOne(ctx, `
				UPDATE `+c.table+`
				SET `+c.column+` = $1
				WHERE `+c.only+` AND `+c.row+` = $2`, p.seal(to, v.row, plain), v.row); err != nil {
				return n, err
			}
			n, last = n+1, v.row
		}
	}
}

// remakeAddressMACs computes the values by which subscribers are found.
func (tx *Tx) remakeAddressMACs(ctx context.Context) error {
	for last := model.SubscriberID(math.MinInt64); ; {
		batch, err := query(ctx, tx.View, scanAddress, `
			SELECT id, channel, address
			FROM subscribers
			WHERE id > $1
			ORDER BY id
			LIMIT $2`, last, rotateBatch)
		if err != nil || len(batch) == 0 {
			return err
		}
		for _, s := range batch {
			if err := tx.execOne(ctx, `
				UPDATE subscribers
				SET address_mac = $1
				WHERE id = $2`, tx.addressMAC(s.Channel, s.Address), s.ID); err != nil {
				return err
			}
			last = s.ID
		}
	}
}

func scanAddress(v View, row scanner) (s model.Subscriber, err error) {
	var address []byte
	if err := row.Scan(&s.ID, &s.Channel, &address); err != nil {
		return s, err
	}
	s.Address, err = v.reveal(subscriberAddress, int64(s.ID), address)
	return s, err
}

// SetAside lists the copies that migrations have set aside in a data folder.
func (s *Store) SetAside() ([]string, error) {
	return filepath.Glob(filepath.Join(escapeGlob(s.opts.Dir), backupFolder, "schema-*.db"))
}
