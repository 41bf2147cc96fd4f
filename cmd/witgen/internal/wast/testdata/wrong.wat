;; A component that wants of the host a function of another type.
(component
  (import "host" (instance (export "return-three" (func (result string))))))
