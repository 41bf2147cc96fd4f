package plugin

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/witgen/witgen/rt/plugin/internal/watch"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// policyFiles is how policy files are read; package policy refuses larger ones.
var policyFiles = watch.Options{Limit: 1 << 20, Any: true}

// openPolicy reads the policy file that a host begins with, if it has one.
func (c *Config) openPolicy(ctx context.Context) (have watch.Digest, err error) {
	if c.PolicyFile == "" {
		return have, nil
	}
	if c.Policy != nil {
		return have, errors.New("plugin host: both a Policy and a PolicyFile")
	}
	file, err := watch.Read(ctx, c.PolicyFile, policyFiles)
	if err != nil {
		return have, fmt.Errorf("plugin host: %w", err)
	}
	c.Policy, err = policyOf(file)
	return file.Digest, err
}

// policyOf reads a policy file, to whose directory its paths are relative: that
// of the name it has, wherever that leads.
func policyOf(file *watch.File) (*policy.File, error) {
	f, err := policy.Parse(file.Path, file.Bytes)
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(file.Path)
	if err != nil {
		return nil, err
	}
	f.Dir = filepath.Dir(abs)
	return f, nil
}

// watchPolicy has what the policy file becomes be in force.
func (h *Host) watchPolicy(have watch.Digest) error {
	if h.PolicyFile == "" {
		return nil
	}
	_, err := h.watch.AddBy(policyFiles, h.PolicyFile, have, h.policyChanged) // which ends with the host
	return err
}

// policyChanged puts in force what the policy file has become. If plugins refuse
// it, it is tried again, as they may be replaced.
func (h *Host) policyChanged(ctx context.Context, c watch.Change) {
	failed := func(err error) {
		h.happened(Event{Kind: PolicyFailed, Time: time.Now(), Err: err, Text: err.Error() + "; what was in force stays so"})
	}
	switch {
	case c.Gone:
		failed(fmt.Errorf("%s is gone", h.PolicyFile))
		return
	case c.Err != nil:
		failed(c.Err)
		return
	}
	f, err := policyOf(c.File)
	if err != nil {
		failed(err)
		return
	}
	told := ""
	h.again(ctx, func() bool {
		_, err := h.Grant(ctx, f)
		if err != nil && ctx.Err() == nil && h.ctx.Err() == nil && err.Error() != told {
			told = err.Error()
			failed(err)
		}
		return err != nil
	})
}
