"""Home visits (家访) and lessons at home (送教上门): one record, counted by every ledger that needs it."""
