package interop

import "encoding/json"

// jsonInto reads a generic JSON object as a typed one.
func jsonInto(from map[string]any, to any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}
