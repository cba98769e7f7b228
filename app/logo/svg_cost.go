package logo

import "strings"

// A picture of a few lines can ask for billions of elements: what is drawn by reference may itself refer to what is drawn by
// reference. bill counts them as a browser would draw them.
type bill struct {
	byID   map[string]*node
	styles []rule // that refer to something
	costs  map[*node]int
	asked  map[*node]bool // on the way from the root to here
	broken bool
}

// affordable says whether what is drawn ends, and soon.
func affordable(root *node, styles []rule) bool {
	b := bill{byID: map[string]*node{}, costs: map[*node]int{}, asked: map[*node]bool{}}
	for _, r := range styles {
		if reference.MatchString(r.body) {
			b.styles = append(b.styles, r)
		}
	}
	b.index(root)
	total := b.of(root)
	return !b.broken && total <= maxDrawn
}

// index finds the elements by id; the first of two counts, as in a browser.
func (b *bill) index(n *node) {
	if id := n.get("id"); id != "" && b.byID[id] == nil {
		b.byID[id] = n
	}
	for _, c := range n.children {
		b.index(c)
	}
}

// of is how many elements are drawn for one. An element that is drawn from itself has no end.
func (b *bill) of(n *node) int {
	if cost, ok := b.costs[n]; ok {
		return cost
	}
	if b.asked[n] || b.broken {
		b.broken = true
		return 0
	}
	b.asked[n] = true
	cost := 1
	for _, c := range n.children {
		cost = capped(cost + b.of(c))
	}
	r := b.references(n)
	cost = capped(cost + b.sum(r.whole))
	cost = capped(cost * (1 + b.sum(r.inherited)))
	delete(b.asked, n)
	b.costs[n] = cost
	return cost
}

// capped keeps sums and products from overflowing.
func capped(cost int) int { return min(cost, maxDrawn+1) }

// sum is what elements cost that are drawn with. A gradient is no drawing.
func (b *bill) sum(ids []string) int {
	sum := 0
	for _, id := range ids {
		target := b.byID[id]
		if target == nil {
			continue
		}
		cost := b.of(target)
		if target.name != "linearGradient" && target.name != "radialGradient" {
			sum = capped(sum + cost)
		}
	}
	return sum
}

// references are the ids that an element is drawn with: as a whole (use, clip-path, mask), or each time something in it is filled,
// because fill and stroke are inherited.
type references struct{ whole, inherited []string }

func (b *bill) references(n *node) references {
	var r references
	for _, a := range n.attrs {
		switch {
		case a.name == "href":
			r.whole = append(r.whole, a.value[1:]) // behind the #
		case a.name == "style":
			r.declared(a.value)
		default:
			r.declared(a.name + ":" + a.value)
		}
	}
	for _, rule := range b.styles {
		if rule.matches(n) {
			r.declared(rule.body)
		}
	}
	return r
}

func (r *references) declared(css string) {
	for one := range strings.SplitSeq(css, ";") {
		for _, m := range reference.FindAllStringSubmatch(one, -1) {
			if strings.HasPrefix(one, "fill:") || strings.HasPrefix(one, "stroke:") {
				r.inherited = append(r.inherited, m[1])
			} else {
				r.whole = append(r.whole, m[1])
			}
		}
	}
}
