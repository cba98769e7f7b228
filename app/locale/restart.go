package locale

import "statusd/probe/restart"

// Restart words what came of a call of a restart target, or of a check of its connection, as model.Firing and model.Connection keep it;
// "" for none. When it was the connection that failed the words are those of probes, else the messages "restart.<code>", with arguments
// as there. A text that this version has no words for is shown as it is.
func (w *Words) Restart(stored string) string {
	r := restart.DecodeReason(stored)
	if theirs, ok := r.Connection(); ok {
		return w.Reason(theirs.Encode())
	}
	if !r.Known() {
		return stored
	}
	return w.say("restart."+string(r.Code), nil, w.lettered(r.Args, r.Measured()))
}
