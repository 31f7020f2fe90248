from orchestration.settings import PROJECT_ROOT

# Real data beside the checkout; tests that need it skip where it is not there.
SHARED_DATA = PROJECT_ROOT.parent / "shared" / "data"
