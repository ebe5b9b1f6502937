module sandbox.lifecycle.local/pause

go 1.21
