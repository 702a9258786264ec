"""An invented practice whose billing history `audit demo` reads; README.md tells what is in it."""
