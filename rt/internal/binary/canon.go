package binary

// canon takes a canonical definition. See Binary.md, "Canonical Definitions".
func (r *reader) canon() *Canon {
	c := &Canon{At: At(r.offset())}
	c.Op = CanonOp(r.byte())
	switch c.Op {
	case CanonLift:
		r.want(byte(CoreFunc), "sort of what is lifted")
		c.Func = r.u32()
		c.Options = r.canonOpts()
		c.Type = r.u32()
	case CanonLower:
		r.want(byte(CoreFunc), "sort of what is lowered")
		c.Func = r.u32()
		c.Options = r.canonOpts()
	case CanonResourceNew, CanonResourceDrop, CanonResourceRep,
		CanonStreamNew, CanonStreamDropReadable, CanonStreamDropWritable,
		CanonFutureNew, CanonFutureDropReadable, CanonFutureDropWritable:
		c.Type = r.u32()
	case CanonStreamRead, CanonStreamWrite, CanonFutureRead, CanonFutureWrite:
		c.Type = r.u32()
		c.Options = r.canonOpts()
	case CanonStreamCancelRead, CanonStreamCancelWrite, CanonFutureCancelRead, CanonFutureCancelWrite:
		c.Type = r.u32()
		c.Async = r.flag("async")
	case CanonErrorContextNew, CanonErrorContextDebugMessage:
		c.Options = r.canonOpts()
	case CanonTaskReturn:
		c.Result = r.resultList()
		c.Options = r.canonOpts()
	case CanonContextGet, CanonContextSet:
		c.Core = r.coreValType()
		c.Slot = r.u32()
	case CanonSubtaskCancel:
		c.Async = r.flag("async")
	case CanonWaitableSetWait, CanonWaitableSetPoll:
		c.Cancel = r.flag("cancellable")
		c.Memory = r.u32()
	case CanonThreadYield, CanonThreadSuspend, CanonThreadSuspendThenResume, CanonThreadYieldThenResume,
		CanonThreadSuspendThenPromote, CanonThreadYieldThenPromote:
		c.Cancel = r.flag("cancellable")
	case CanonThreadNewIndirect:
		c.Type = r.u32()
		c.Table = r.u32()
	case CanonThreadSpawnRef:
		c.Async = r.flag("shared")
		c.Type = r.u32()
	case CanonThreadSpawnIndirect:
		c.Async = r.flag("shared")
		c.Type = r.u32()
		c.Table = r.u32()
	case CanonThreadAvailableParallelism:
		c.Async = r.flag("shared")
	case CanonTaskCancel, CanonSubtaskDrop, CanonErrorContextDrop, CanonWaitableSetNew, CanonWaitableSetDrop,
		CanonWaitableJoin, CanonBackpressureInc, CanonBackpressureDec, CanonThreadIndex, CanonThreadResumeLater:
		// Nothing follows.
	default:
		r.failAt(c.Pos(), "unknown canonical definition %#02x", uint8(c.Op))
	}
	return c
}

func (r *reader) canonOpts() []CanonOpt {
	return vec(r, "canonical options", maxOptions, (*reader).canonOpt)
}

func (r *reader) canonOpt() CanonOpt {
	at := r.offset()
	op := CanonOptOp(r.byte())
	switch {
	case op.HasIdx():
		return CanonOpt{Op: op, Idx: r.u32()}
	case op > OptGC:
		r.failAt(at, "unknown canonical option %#02x", uint8(op))
	}
	return CanonOpt{Op: op}
}
