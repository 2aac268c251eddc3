-- wrk -s pipeline.lua URL -- DEPTH: that many requests in one write, then their answers.
function init(args)
  local batch = {}
  for at = 1, tonumber(args[1]) do batch[at] = wrk.format() end
  batch_bytes = table.concat(batch)
end

function request()
  return batch_bytes
end
