package gen

import "github.com/witgen/witgen/wit"

// newPlan returns the plan of one version's bindings.
func newPlan(w *wit.World, o Options) (*plan, error) {
	plans, err := newPlans(w, o)
	if err != nil {
		return nil, err
	}
	return plans[0], nil
}
