package demo

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"customer360/connectors"
)

func TestFaultsBeginWhenArmed(t *testing.T) {
	f, err := NewFaults(data, map[string]time.Duration{"shop": 40 * time.Millisecond}, []string{"erp"})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := errors.Join(f.Before(t.Context(), "erp", ""), f.Before(t.Context(), "shop", "")); err != nil {
		t.Errorf("before: %v", err)
	}
	if took := time.Since(began); took > 30*time.Millisecond {
		t.Errorf("slow before it was armed: %s", took)
	}

	f.Arm()
	if err := f.Before(t.Context(), "erp", ""); !errors.Is(err, connectors.ErrUnavailable) {
		t.Errorf("the ERP is %v, want down", err)
	}
	if err := f.Before(t.Context(), "crm", ""); err != nil {
		t.Errorf("the CRM is %v", err)
	}
	began = time.Now()
	if err := f.Before(t.Context(), "shop", ""); err != nil || time.Since(began) < 40*time.Millisecond {
		t.Errorf("the shop answers after %s (%v), want 40 ms", time.Since(began), err)
	}
}

func TestASlowSourceIsNotWaitedForLongerThanTheCallerHas(t *testing.T) {
	f, err := NewFaults(data, map[string]time.Duration{"shop": time.Hour}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.Arm()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := f.Before(ctx, "shop", ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestFaultsOfNobodyAreRefused(t *testing.T) {
	_, slow := NewFaults(data, map[string]time.Duration{"shopp": time.Second}, nil)
	_, down := NewFaults(data, nil, []string{"ERP"})
	for _, err := range []error{slow, down} {
		if err == nil || !strings.Contains(err.Error(), "is none of the demo's sources: crm, erp, shop, helpdesk") {
			t.Errorf("%v", err)
		}
	}
}
