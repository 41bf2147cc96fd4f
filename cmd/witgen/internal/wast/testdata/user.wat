;; A component that imports what provider.wat exports.
(component
  (import "provider" (instance $p
    (export "thing" (type (sub resource)))
    (export "module" (core module (export "f" (func (result i32)))))
    (export "next" (func (param "v" u32) (result u32)))))
  (alias export $p "module" (core module $module))
  (core instance $i (instantiate $module))
  (func (export "seven") (result u32) (canon lift (core func $i "f")))
  (core func $next (canon lower (func $p "next")))
  (core module $m
    (import "" "next" (func $next (param i32) (result i32)))
    (func (export "next") (param i32) (result i32) (call $next (local.get 0))))
  (core instance $m (instantiate $m (with "" (instance (export "next" (func $next))))))
  (func (export "next") (param "v" u32) (result u32) (canon lift (core func $m "next")))
)
