-- Asks for paths of a file in random order. Arguments: the file.
local threads = 0
function setup(thread)
  thread:set("seed", threads)
  threads = threads + 1
end

function init(args)
  requests = {}
  for path in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
  math.randomseed(20231112 + seed)
end

function request()
  return requests[math.random(#requests)]
end
