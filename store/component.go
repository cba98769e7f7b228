package store

import (
	"context"

	"statusd/app/model"
)

const componentColumns = `id, workspace_id, page_id, name, description, group_name, position, manual_status, created_at, updated_at`

func scanComponent(_ View, row scanner) (model.Component, error) {
	var c model.Component
	var created, updated int64
	err := row.Scan(&c.ID, &c.Workspace, &c.Page, &c.Name, &c.Description, &c.Group, &c.Position, &c.ManualStatus, &created, &updated)
	c.Created, c.Updated = millis(created), millis(updated)
	return c, err
}

// EveryComponent lists the components of all workspaces, for the one who watches them.
func (v View) EveryComponent(ctx context.Context) ([]model.Component, error) {
	return query(ctx, v, scanComponent, `
		SELECT `+componentColumns+`
		FROM components
		ORDER BY page_id, position, id`)
}

// Component finds a component of the workspace.
func (o Owned) Component(ctx context.Context, id model.ComponentID) (model.Component, error) {
	return one(ctx, o.View, scanComponent, `
		SELECT `+componentColumns+`
		FROM components
		WHERE workspace_id = $1 AND id = $2`, o.workspace, id)
}

// Components lists a page's components in their order, at most limit of them.
func (o Owned) Components(ctx context.Context, page model.PageID, after After, limit int) ([]model.Component, error) {
	return query(ctx, o.View, scanComponent, `
		SELECT `+componentColumns+`
		FROM components
		WHERE workspace_id = $1 AND page_id = $2 AND (position > $3 OR position = $3 AND id > $4)
		ORDER BY position, id
		LIMIT $5`, o.workspace, page, after.Position, after.ID, limit)
}

// ComponentNames lists the names of a page's components in their order.
func (o Owned) ComponentNames(ctx context.Context, page model.PageID) ([]string, error) {
	return query(ctx, o.View, scanName, `
		SELECT name
		FROM components
		WHERE workspace_id = $1 AND page_id = $2
		ORDER BY position, id`, o.workspace, page)
}

func scanName(_ View, row scanner) (name string, err error) {
	err = row.Scan(&name)
	return name, err
}

// NextPosition is a position behind all components of a page.
func (o Owned) NextPosition(ctx context.Context, page model.PageID) (n int, err error) {
	err = o.q.QueryRowContext(ctx, `
		SELECT coalesce(max(position) + 1, 1)
		FROM components
		WHERE workspace_id = $1 AND page_id = $2`, o.workspace, page).Scan(&n)
	return n, err
}

// AddComponent writes a new component.
func (o OwnedTx) AddComponent(ctx context.Context, c model.Component) error {
	return o.tx.exec(ctx, `
		INSERT INTO components (`+componentColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		c.ID, o.workspace, c.Page, c.Name, c.Description, c.Group, c.Position, c.ManualStatus, toMillis(c.Created), toMillis(c.Updated))
}

// SetComponent writes a component's fields.
func (o OwnedTx) SetComponent(ctx context.Context, c model.Component) error {
	return o.tx.execOne(ctx, `
		UPDATE components
		SET name = $1, description = $2, group_name = $3, position = $4, manual_status = $5, updated_at = $6
		WHERE workspace_id = $7 AND id = $8`,
		c.Name, c.Description, c.Group, c.Position, c.ManualStatus, toMillis(c.Updated), o.workspace, c.ID)
}

// DeleteComponent removes a component with its checks and what was observed of it.
func (o OwnedTx) DeleteComponent(ctx context.Context, id model.ComponentID) error {
	return o.tx.execOne(ctx, `
		DELETE FROM components
		WHERE workspace_id = $1 AND id = $2`, o.workspace, id)
}
