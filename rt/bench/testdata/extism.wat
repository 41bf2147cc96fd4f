;; A guest with the ABI of Extism, doing what its guest libraries do: the input is
;; copied into the guest's own memory and the output out of it, eight bytes for
;; each call of the host.
(module
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))

  (memory (export "memory") 1)

  ;; Copies the input to address 0 and returns its length, which it trusts no
  ;; further than memory can grow.
  (func $load (result i32)
    (local $len i32) (local $at i32) (local $pages i32)
    (local.set $len (i32.wrap_i64 (call $input_length)))
    (local.set $pages (i32.shr_u (i32.add (local.get $len) (i32.const 65535)) (i32.const 16)))
    (if (i32.gt_u (local.get $pages) (memory.size))
      (then
        (if (i32.eq (memory.grow (i32.sub (local.get $pages) (memory.size))) (i32.const -1))
          (then (unreachable)))))
    (block $words
      (loop $word
        (br_if $words (i32.lt_u (i32.sub (local.get $len) (local.get $at)) (i32.const 8)))
        (i64.store (local.get $at) (call $input_load_u64 (i64.extend_i32_u (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br $word)))
    (block $bytes
      (loop $byte
        (br_if $bytes (i32.eq (local.get $at) (local.get $len)))
        (i32.store8 (local.get $at) (call $input_load_u8 (i64.extend_i32_u (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $byte)))
    (local.get $len))

  ;; Makes the first bytes of memory the output.
  (func $reply (param $len i32)
    (local $at i32) (local $out i64)
    (local.set $out (call $alloc (i64.extend_i32_u (local.get $len))))
    (block $words
      (loop $word
        (br_if $words (i32.lt_u (i32.sub (local.get $len) (local.get $at)) (i32.const 8)))
        (call $store_u64
          (i64.add (local.get $out) (i64.extend_i32_u (local.get $at)))
          (i64.load (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br $word)))
    (block $bytes
      (loop $byte
        (br_if $bytes (i32.eq (local.get $at) (local.get $len)))
        (call $store_u8
          (i64.add (local.get $out) (i64.extend_i32_u (local.get $at)))
          (i32.load8_u (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $byte)))
    (call $output_set (local.get $out) (i64.extend_i32_u (local.get $len))))

  ;; Two u32 in, one u64 out that holds their sum as u32, all little-endian.
  (func (export "add") (result i32)
    (if (i32.ne (call $load) (i32.const 8)) (then (unreachable)))
    (i64.store (i32.const 0)
      (i64.extend_i32_u (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 4)))))
    (call $reply (i32.const 8))
    (i32.const 0))

  (func (export "echo") (result i32)
    (call $reply (call $load))
    (i32.const 0)))
