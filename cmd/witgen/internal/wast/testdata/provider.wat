;; A component for others to import: a resource type, a core module, a function.
(component
  (type $t (resource (rep i32)))
  (export "thing" (type $t))
  (core module (export "module") (func (export "f") (result i32) i32.const 7))
  (core module $m (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))
  (core instance $m (instantiate $m))
  (func (export "next") (param "v" u32) (result u32) (canon lift (core func $m "f")))
)
