package binary

import "fmt"

var canonNames = map[CanonOp]string{
	CanonLift:                       "lift",
	CanonLower:                      "lower",
	CanonResourceNew:                "resource.new",
	CanonResourceDrop:               "resource.drop",
	CanonResourceRep:                "resource.rep",
	CanonTaskCancel:                 "task.cancel",
	CanonSubtaskCancel:              "subtask.cancel",
	CanonTaskReturn:                 "task.return",
	CanonContextGet:                 "context.get",
	CanonContextSet:                 "context.set",
	CanonThreadYield:                "thread.yield",
	CanonSubtaskDrop:                "subtask.drop",
	CanonStreamNew:                  "stream.new",
	CanonStreamRead:                 "stream.read",
	CanonStreamWrite:                "stream.write",
	CanonStreamCancelRead:           "stream.cancel-read",
	CanonStreamCancelWrite:          "stream.cancel-write",
	CanonStreamDropReadable:         "stream.drop-readable",
	CanonStreamDropWritable:         "stream.drop-writable",
	CanonFutureNew:                  "future.new",
	CanonFutureRead:                 "future.read",
	CanonFutureWrite:                "future.write",
	CanonFutureCancelRead:           "future.cancel-read",
	CanonFutureCancelWrite:          "future.cancel-write",
	CanonFutureDropReadable:         "future.drop-readable",
	CanonFutureDropWritable:         "future.drop-writable",
	CanonErrorContextNew:            "error-context.new",
	CanonErrorContextDebugMessage:   "error-context.debug-message",
	CanonErrorContextDrop:           "error-context.drop",
	CanonWaitableSetNew:             "waitable-set.new",
	CanonWaitableSetWait:            "waitable-set.wait",
	CanonWaitableSetPoll:            "waitable-set.poll",
	CanonWaitableSetDrop:            "waitable-set.drop",
	CanonWaitableJoin:               "waitable.join",
	CanonBackpressureInc:            "backpressure.inc",
	CanonBackpressureDec:            "backpressure.dec",
	CanonThreadIndex:                "thread.index",
	CanonThreadNewIndirect:          "thread.new-indirect",
	CanonThreadResumeLater:          "thread.resume-later",
	CanonThreadSuspend:              "thread.suspend",
	CanonThreadSuspendThenResume:    "thread.suspend-then-resume",
	CanonThreadYieldThenResume:      "thread.yield-then-resume",
	CanonThreadSuspendThenPromote:   "thread.suspend-then-promote",
	CanonThreadYieldThenPromote:     "thread.yield-then-promote",
	CanonThreadSpawnRef:             "thread.spawn-ref",
	CanonThreadSpawnIndirect:        "thread.spawn-indirect",
	CanonThreadAvailableParallelism: "thread.available-parallelism",
}

// String returns the name of the canonical definition in the text format.
func (op CanonOp) String() string {
	if name, ok := canonNames[op]; ok {
		return name
	}
	return fmt.Sprintf("canon(%#02x)", uint8(op))
}

var canonOptNames = map[CanonOptOp]string{
	OptUTF8:        "utf8",
	OptUTF16:       "utf16",
	OptLatin1UTF16: "latin1+utf16",
	OptMemory:      "memory",
	OptRealloc:     "realloc",
	OptPostReturn:  "post-return",
	OptAsync:       "async",
	OptCallback:    "callback",
	OptCoreType:    "core-type",
	OptGC:          "gc",
}

// HasIdx reports whether the option carries an index.
func (op CanonOptOp) HasIdx() bool {
	switch op {
	case OptMemory, OptRealloc, OptPostReturn, OptCallback, OptCoreType:
		return true
	}
	return false
}

// String returns the name of the canonical option in the text format; for a
// string encoding, the encoding.
func (op CanonOptOp) String() string {
	if name, ok := canonOptNames[op]; ok {
		return name
	}
	return fmt.Sprintf("option(%#02x)", uint8(op))
}
