package store

import (
	"encoding/json"
	"fmt"

	"statusd/app/model"
)

// asJSON writes a value into a TEXT column; it is one that always encodes.
func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic("store: " + err.Error())
	}
	return string(text)
}

// fromJSON reads such a column.
func fromJSON[T any](text string) (v T, err error) {
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return v, fmt.Errorf("stored JSON: %w", err)
	}
	return v, nil
}

// idList is a list of ids as it is kept: numbers, in order.
func idList(ids []model.ComponentID) string {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i] = int64(id)
	}
	return asJSON(out)
}

// readIDs reads what idList wrote; nil for none.
func readIDs(text string) (ids []model.ComponentID, err error) {
	numbers, err := fromJSON[[]int64](text)
	for _, n := range numbers {
		ids = append(ids, model.ComponentID(n))
	}
	return ids, err
}
