;; Stands under the Go runtime in place of WASI preview 1, so that the component
;; imports nothing but its contract. There are no arguments, no environment and
;; no randomness, the clock only tells readings apart, and what a panic prints is
;; lost: a plugin that needs more wants a real adapter.
(module
  (import "env" "memory" (memory 0))

  ;; Nanoseconds, a millisecond more at each reading.
  (global $now (mut i64) (i64.const 0))

  (func (export "clock_time_get") (param $id i32) (param $precision i64) (param $time i32) (result i32)
    (global.set $now (i64.add (global.get $now) (i64.const 1000000)))
    (i64.store (local.get $time) (global.get $now))
    (i32.const 0))

  ;; The seeds of the runtime's hashes, so maps iterate alike in every instance.
  (func (export "random_get") (param $buf i32) (param $len i32) (result i32)
    (memory.fill (local.get $buf) (i32.const 0x5a) (local.get $len))
    (i32.const 0))

  ;; Two counts of 0: how many, and bytes of them.
  (func $none (param $count i32) (param $size i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $size) (i32.const 0))
    (i32.const 0))
  (export "args_sizes_get" (func $none))
  (export "environ_sizes_get" (func $none))

  (func $success (param i32 i32) (result i32)
    (i32.const 0))
  (export "args_get" (func $success))
  (export "environ_get" (func $success))

  (func (export "sched_yield") (result i32)
    (i32.const 0))

  ;; No descriptor is open: badf.
  (func (export "fd_write") (param i32 i32 i32 i32) (result i32)
    (i32.const 8))

  ;; Nothing to wait for: nosys.
  (func (export "poll_oneoff") (param i32 i32 i32 i32) (result i32)
    (i32.const 52))

  (func (export "proc_exit") (param i32)
    (unreachable)))
