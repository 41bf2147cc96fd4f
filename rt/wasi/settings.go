package wasi

import (
	"context"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/wasi/draft/config/store"
	"github.com/witgen/witgen/rt/wasi/draft/config/v0_2_0_draft/runtime"
	"github.com/witgen/witgen/rt/wasi/internal/settings"
	"github.com/witgen/witgen/rt/wasi/internal/told"
)

// Settings are the configuration of a guest, which reads them by wasi:config. They
// are asked on the goroutine of the guest, and may be shared between instances.
//
// An error is the case upstream to the guest, with its text if it is a
// [GuestError]; if the context is done, it ends the guest.
type Settings interface {
	// Get returns the value of a key, and whether it has one.
	Get(ctx context.Context, key string) (value string, ok bool, err error)

	// All returns all keys with their values. The map is not changed.
	All(ctx context.Context) (map[string]string, error)
}

// SettingsMap is a map that is [Settings].
type SettingsMap map[string]string

var _ Settings = SettingsMap(nil)

// Get returns the value of a key.
func (m SettingsMap) Get(_ context.Context, key string) (value string, ok bool, err error) {
	value, ok = m[key]
	return value, ok, nil
}

// All returns the map.
func (m SettingsMap) All(context.Context) (map[string]string, error) { return m, nil }

// GuestError is an error whose text a guest is told. Of other errors it learns
// that there was one. Texts are cut at 1 KiB.
type GuestError = told.Error

var storeDraft = store.Interface.As("wasi:config/store@0.2.0-draft")

// settings returns wasi:config.
func (h *host) settings() []rt.Import {
	s, r := settings.Store{Source: h.config.Settings}, settings.Runtime{Source: h.config.Settings}
	return []rt.Import{store.Import(s), also(store.Import(s), storeDraft), runtime.Import(r)}
}

// also returns an import under another name.
func also(im rt.Import, x *abi.Interface) rt.Import {
	im.Interface = x
	return im
}
