-- One chat completion after the other, by a thousand users.
local n = 0
-- Words at random: people do not send one text a thousand times, and who does is stopped.
math.randomseed(7)
local syllables = {"ba", "co", "di", "fu", "ga", "he", "ji", "ko", "lu", "me", "no", "pa", "ri",
  "so", "tu", "va", "we", "yo", "ze", "chi"}
local function word()
  local made = ""
  for _ = 1, math.random(2, 4) do made = made .. syllables[math.random(#syllables)] end
  return made
end
local words = {}
for i = 1, 2000 do words[i] = word() end
local function text()
  local made = {}
  for i = 1, 110 do made[i] = words[math.random(#words)] end
  return table.concat(made, " ")
end
local stream = os.getenv("STREAM") == "1" and ',"stream":true' or ''
local key = os.getenv("KEY") or "sk-bench"
request = function()
  n = n + 1
  local body = '{"model":"m","user":"u' .. (n % 1000) .. '"' .. stream ..
    ',"messages":[{"role":"user","content":"' .. text() .. '"}]}'
  return wrk.format("POST", "/v1/chat/completions",
    {["content-type"] = "application/json", ["authorization"] = "Bearer " .. key}, body)
end
done = function(summary, latency, requests)
  local bad = summary.errors.status + summary.errors.connect + summary.errors.read
  io.write(string.format('{"requests":%d,"bad":%d,"seconds":%f,"p50":%f,"p95":%f,"p99":%f}\n',
    summary.requests, bad, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(95) / 1e3, latency:percentile(99) / 1e3))
end
