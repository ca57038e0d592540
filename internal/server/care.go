package server

import (
	"errors"
	"fmt"
	"time"

	"customer360/connectors"
)

// operationTime is what one operation may take (resolvers/door): a call that
// may take longer never would.
const operationTime = 5 * time.Second

// checkCare sees that the numbers of timeout, calls, retries and breaker are
// some that can be meant.
func (s *Source) checkCare() error {
	b := s.Breaker
	switch {
	case s.Timeout < 0 || s.Timeout > operationTime:
		return fmt.Errorf("timeout: %s is not between 0 and %s, which is all that an operation has", s.Timeout, operationTime)
	case s.Calls < 0:
		return fmt.Errorf("calls: %d; want 1 or more", s.Calls)
	case s.Retries != nil && *s.Retries != 0 && *s.Retries != 1:
		return fmt.Errorf("retries: %d; want 0 or 1", *s.Retries)
	case b.Failures != nil && *b.Failures < 0:
		return fmt.Errorf("breaker: failures: %d; want 0 (never) or more", *b.Failures)
	case b.Pause < 0 || b.Longest < 0:
		return errors.New("breaker: pause, longest: want no negative times")
	case b.Longest > 0 && b.Pause > b.Longest:
		return fmt.Errorf("breaker: pause: %s is longer than the longest, %s", b.Pause, b.Longest)
	}
	return nil
}

// asker asks the source's connector as configured.
func (s *Source) asker(conn connectors.Connector) (*connectors.Asker, error) {
	bears := conn.About().Calls
	if bears.N > 0 && s.Calls > bears.N {
		return nil, fmt.Errorf("source %s: calls: %d are more than the %d that it bears (%s)", s.Name, s.Calls, bears.N, bears.Says)
	}
	return &connectors.Asker{
		Connector: conn, Timeout: s.Timeout, Calls: s.Calls, Retries: orNever(s.Retries),
		Breaker: connectors.Breaker{Failures: orNever(s.Breaker.Failures), Pause: s.Breaker.Pause, Longest: s.Breaker.Longest},
	}, nil
}

// orNever is a number of a configuration: left out it is the default, and 0 never.
func orNever(n *int) int {
	switch {
	case n == nil:
		return 0
	case *n == 0:
		return connectors.Never
	}
	return *n
}
