-- Posts one prepared body again and again. Arguments: the path, the body's file.
function init(args)
  local file = io.open(args[2])
  local body = file:read("*a")
  file:close()
  prepared = wrk.format("POST", args[1], { ["Content-Type"] = "application/json" }, body)
end

function request()
  return prepared
end
