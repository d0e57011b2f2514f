-- Puts certificates, each with a number of its own. Arguments: the path before the number, the body's file, the token's
-- file.
local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local function read(name)
  local file = io.open(name)
  local text = file:read("*a")
  file:close()
  return text
end

function init(args)
  before = args[1] .. "PUSH-" .. number .. "-"
  body = read(args[2])
  headers = { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. read(args[3]) }
  count = 0
end

function request()
  count = count + 1
  return wrk.format("PUT", before .. count, headers, body)
end
