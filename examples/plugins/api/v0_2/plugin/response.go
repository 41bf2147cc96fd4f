package plugin //nolint:revive // the generated files have the comment

import (
	v01pluginapi "github.com/witgen/witgen/examples/plugins/api/v0_1/pluginapi"
	"github.com/witgen/witgen/examples/plugins/api/v0_2/pluginapi"
)

// upV01PluginAPIProcessResponse is how what a plugin of version 0.1 answers is
// told in version 0.2, which has a result in place of success and error-message. It
// is all of the bindings that is written by hand: nothing in the two contracts says
// what a success of false means. Version 0.1 does not say of an error whether it is
// the request's, so it is told as one that may go well another time.
func upV01PluginAPIProcessResponse(v v01pluginapi.ProcessResponse) (pluginapi.ProcessResponse, error) {
	if !v.Success {
		return pluginapi.ProcessResponse{}, pluginapi.ProcessErrorFailed{Value: v.ErrorMessage.Or("no reason given")}
	}
	return pluginapi.ProcessResponse{Output: v.Output}, nil
}
