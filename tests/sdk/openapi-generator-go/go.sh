# go, where modules cannot be had: the client is found in src, and needs nothing but the standard library.
export GO111MODULE=off GOFLAGS= GOPATH="$PWD:/usr/share/gocode"
exec go "$@"
