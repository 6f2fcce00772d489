// Groups of rules as a file for Prometheus that people read: in the usual order and with comments, which
// std.manifestYamlDoc cannot write.
local order = ['name', 'record', 'alert', 'expr', 'for', 'labels', 'annotations', 'summary', 'description'];

local lines(text) = [line for line in std.split(text, '\n') if line != ''];
local indent(lines) = [if line == '' then '' else '  ' + line for line in lines];

// What YAML takes as text without quotes.
local isPlain(text) =
  local has(part) = std.length(std.findSubstr(part, text)) > 0;
  local isLetter(character) = std.asciiLower(character) != std.asciiUpper(character);
  local isWord(character) = isLetter(character) || std.member('0123456789', character);
  std.length(lines(text)) == 1 && isWord(text[0]) && std.length(std.filter(isLetter, std.stringChars(text))) > 0 && !has(': ') && !has(' #');

{
  local yaml = self,

  rules(groups):: std.lines(yaml.fields({ groups: groups })),

  fields(object)::
    local others = std.setDiff(std.objectFields(object), std.set(order));
    std.flatMap(function(name) yaml.field(name, object[name]), [name for name in order if std.objectHas(object, name)] + others),

  field(name, value)::
    if std.isObject(value) then [name + ':'] + indent(yaml.fields(value))
    else if std.isArray(value) then
      local between = if 'record' in value[0] then [] else [''];
      [name + ':'] + indent(std.join(between, std.map(yaml.item, value)))
    else if isPlain(value) then ['%s: %s' % [name, value]]
    else [name + ': |-'] + indent(lines(value)),

  item(object)::
    local comment = ['# ' + line for line in lines(std.get(object, 'comment', ''))];
    local inside = yaml.fields(object);
    comment + ['- ' + inside[0]] + indent(inside[1:]),
}
