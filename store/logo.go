package store

import (
	"context"
	"errors"

	"statusd/app/model"
)

func scanLogo(_ View, row scanner) (l model.Logo, err error) {
	return l, row.Scan(&l.Hash, &l.Type, &l.Width, &l.Height, &l.Plate)
}

// Logo describes a page's logo; the zero Logo when it has none.
func (v View) Logo(ctx context.Context, page model.PageID) (model.Logo, error) {
	l, err := one(ctx, v, scanLogo, `
		SELECT hash, type, width, height, plate
		FROM logos
		WHERE page_id = $1`, page)
	if errors.Is(err, ErrNone) {
		return model.Logo{}, nil
	}
	return l, err
}

// LogoBytes is the picture itself; ErrNone when the page has another one by now, or none.
func (v View) LogoBytes(ctx context.Context, page model.PageID, hash string) ([]byte, error) {
	return one(ctx, v, scanBytes, `
		SELECT bytes
		FROM logos
		WHERE page_id = $1 AND hash = $2`, page, hash)
}

func scanBytes(_ View, row scanner) (b []byte, err error) { return b, row.Scan(&b) }

// SetLogo gives a page of the workspace a logo, in place of the one that it had.
func (o OwnedTx) SetLogo(ctx context.Context, page model.PageID, l model.Logo, bytes []byte) error {
	return o.tx.execOne(ctx, `
		INSERT INTO logos (page_id, hash, type, width, height, plate, bytes)
		SELECT id, $1, $2, $3, $4, $5, $6
		FROM pages
		WHERE workspace_id = $7 AND id = $8
		ON CONFLICT (page_id) DO UPDATE
		SET hash = excluded.hash, type = excluded.type, width = excluded.width, height = excluded.height, plate = excluded.plate,
			bytes = excluded.bytes`,
		l.Hash, l.Type, l.Width, l.Height, l.Plate, bytes, o.workspace, page)
}

// DropLogo takes a page's logo away, if it has one.
func (o OwnedTx) DropLogo(ctx context.Context, page model.PageID) error {
	return o.tx.exec(ctx, `
		DELETE FROM logos
		WHERE page_id IN (SELECT id FROM pages WHERE workspace_id = $1 AND id = $2)`, o.workspace, page)
}
