package plugin

import (
	"errors"
	"testing"

	v01pluginapi "github.com/witgen/witgen/examples/plugins/api/v0_1/pluginapi"
	"github.com/witgen/witgen/examples/plugins/api/v0_2/pluginapi"
	"github.com/witgen/witgen/rt/cm"
)

// TestResponse tells what plugins of version 0.1 may answer, also where success and
// error-message contradict each other: success is what counts.
func TestResponse(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   v01pluginapi.ProcessResponse
		want pluginapi.ProcessResponse
		err  error
	}{
		{"success", v01pluginapi.ProcessResponse{Output: "x", Success: true}, pluginapi.ProcessResponse{Output: "x"}, nil},
		{"success with a message", v01pluginapi.ProcessResponse{Output: "x", Success: true, ErrorMessage: cm.Some("old")}, pluginapi.ProcessResponse{Output: "x"}, nil},
		{"a failure", v01pluginapi.ProcessResponse{ErrorMessage: cm.Some("no input")}, pluginapi.ProcessResponse{}, pluginapi.ProcessErrorFailed{Value: "no input"}},
		{"without a message", v01pluginapi.ProcessResponse{Output: "x"}, pluginapi.ProcessResponse{}, pluginapi.ProcessErrorFailed{Value: "no reason given"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := upV01PluginAPIProcessResponse(tt.in); got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %v, %v, want %v, %v", got, err, tt.want, tt.err)
			}
		})
	}
}
