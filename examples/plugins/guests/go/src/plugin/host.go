package plugin

import (
	"errors"
	"unsafe"
)

// LogMessage writes a line to the host's log.
func LogMessage(level, message string) error {
	hostLogMessage(level, message, unsafe.Pointer(&answer))
	return answer.liftError()
}

// GetConfig looks up a setting the host has for this plugin, and tells whether
// it has one.
func GetConfig(key string) (string, bool) {
	hostGetConfig(key, unsafe.Pointer(&answer))
	if answer.tag == 0 {
		return "", false
	}
	return answer.value.lift(), true
}

// EmitEvent tells the host that something happened.
func EmitEvent(eventType, payload string) error {
	hostEmitEvent(eventType, payload, unsafe.Pointer(&answer))
	return answer.liftError()
}

// answer is where the host writes results. It is no local variable, because the
// stack may move while the host calls cabi_realloc.
var answer tagged

func (t tagged) liftError() error {
	if t.tag == 0 {
		return nil
	}
	return errors.New(t.value.lift())
}

//go:wasmimport witgen:plugins/host-api@0.1.0 log-message
func hostLogMessage(level, message string, result unsafe.Pointer)

//go:wasmimport witgen:plugins/host-api@0.1.0 get-config
func hostGetConfig(key string, result unsafe.Pointer)

//go:wasmimport witgen:plugins/host-api@0.1.0 emit-event
func hostEmitEvent(eventType, payload string, result unsafe.Pointer)
