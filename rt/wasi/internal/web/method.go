package web

import (
	"net/http"

	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// methodOf returns the method of a name.
func methodOf(name string) types.Method {
	switch name {
	case http.MethodGet:
		return types.MethodGet{}
	case http.MethodHead:
		return types.MethodHead{}
	case http.MethodPost:
		return types.MethodPost{}
	case http.MethodPut:
		return types.MethodPut{}
	case http.MethodDelete:
		return types.MethodDelete{}
	case http.MethodConnect:
		return types.MethodConnect{}
	case http.MethodOptions:
		return types.MethodOptions{}
	case http.MethodTrace:
		return types.MethodTrace{}
	case http.MethodPatch:
		return types.MethodPatch{}
	}
	return types.MethodOther{Value: name}
}

// nameOf returns the name of a method.
func nameOf(m types.Method) string {
	switch m := m.(type) {
	case types.MethodGet:
		return http.MethodGet
	case types.MethodHead:
		return http.MethodHead
	case types.MethodPost:
		return http.MethodPost
	case types.MethodPut:
		return http.MethodPut
	case types.MethodDelete:
		return http.MethodDelete
	case types.MethodConnect:
		return http.MethodConnect
	case types.MethodOptions:
		return http.MethodOptions
	case types.MethodTrace:
		return http.MethodTrace
	case types.MethodPatch:
		return http.MethodPatch
	case types.MethodOther:
		return m.Value
	}
	return ""
}
