-- Reads the Bloom filter at the end of a stored failure.
local bitsOfCharacter = {}
for index = 1, #BLOOM_ALPHABET do bitsOfCharacter[string.byte(BLOOM_ALPHABET, index)] = index - 1 end

-- Returns whether the payload may contain all values, by their hashes; true without a Bloom filter.
local function mightContain(failure, values)
  local _, before = string.find(failure, BLOOM_MARK, 1, true)
  if not before then return true end
  local bits = (#failure - 2 - before) * BLOOM_BITS_PER_CHARACTER
  if bits <= 0 then return false end
  for _, value in ipairs(values) do
    for _, hash in ipairs(value.hashes) do
      local bit = hash % bits
      local character = string.byte(failure, before + 1 + math.floor(bit / BLOOM_BITS_PER_CHARACTER))
      local six = bitsOfCharacter[character]
      if not six or math.floor(six / 2 ^ (bit % BLOOM_BITS_PER_CHARACTER)) % 2 == 0 then return false end
    end
  end
  return true
end
