// The OpenAPI document as a page: every call with its parameters, a way to make it, and what came of it. Text is never markup.

const byId = (id) => document.getElementById(id);

function element(name, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
}

/** What `$ref` points at. */
const resolved = (api, schema) => (schema?.$ref ? schema.$ref.slice(2).split("/").reduce((at, name) => at?.[name], api) : schema);

/** A value of the schema's shape, to begin with. */
function example(api, schema, depth = 0) {
  const of = resolved(api, schema) ?? {};
  if (of.example !== undefined) return of.example;
  if (of.const !== undefined || of.enum) return of.const ?? of.enum[0];
  const one = of.oneOf ?? of.anyOf ?? of.allOf;
  if (one) return example(api, one.find((each) => each.type !== "null") ?? one[0], depth + 1);
  const type = [of.type].flat().find((each) => each !== "null");
  if (type === "object" || of.properties) {
    const needed = Object.entries(of.properties ?? {}).filter(([name]) => !of.required || of.required.includes(name));
    return depth > 4 ? {} : Object.fromEntries(needed.map(([name, value]) => [name, example(api, value, depth + 1)]));
  }
  if (type === "array") return depth > 4 ? [] : [example(api, of.items, depth + 1)];
  return { string: "", boolean: false, integer: of.minimum ?? 0, number: 0 }[type] ?? null;
}

function parameterField({ name, in: where, required, description, schema, example: shown }) {
  const hint = [schema?.pattern, schema?.enum?.join(" | "), required ? "" : "optional"].filter(Boolean).join(" · ");
  const input = element("input", { name: `${where}:${name}`, placeholder: hint, value: where === "path" ? (shown ?? "") : "", required });
  if (name === "user") input.value = byId("user").value;
  return [element("label", { title: description ?? "" }, name), input];
}

/** The address with what was typed in it. */
function address(path, form) {
  const query = new URLSearchParams();
  for (const input of form.querySelectorAll("input")) {
    const [where, name] = input.name.split(":");
    if (where === "path") path = path.replace(`{${name}}`, encodeURIComponent(input.value));
    else if (input.value) query.set(name, input.value);
  }
  return path + (query.size ? `?${query}` : "");
}

async function call(method, path, form, outcome) {
  const body = form.querySelector("textarea")?.value;
  const token = byId("token").value.trim();
  const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(body !== undefined && { "content-type": form.dataset.type }) };
  const began = performance.now();
  try {
    const answer = await fetch(address(path, form), { method, headers, body });
    const text = await answer.text();
    const milliseconds = Math.round(performance.now() - began);
    outcome.status.textContent = `${answer.status} ${answer.statusText} · ${milliseconds} ms`;
    outcome.status.classList.toggle("refused", !answer.ok);
    outcome.text.textContent = readable(text);
  } catch (error) {
    outcome.status.textContent = `no answer: ${error.message}`;
    outcome.status.classList.add("refused");
  }
  outcome.text.hidden = !outcome.text.textContent;
}

function readable(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function formOf(api, method, path, operation) {
  const form = element("form");
  form.append(element("p", {}, operation.description ?? operation.summary ?? ""));
  for (const parameter of operation.parameters ?? []) form.append(...parameterField(parameter));
  const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (content) {
    form.dataset.type = type;
    form.append(element("textarea", { spellcheck: false, ariaLabel: "Body", value: JSON.stringify(example(api, content.schema), null, 2) }));
  }
  const outcome = { status: element("span", { role: "status" }), text: element("pre", { hidden: true }) };
  form.append(element("footer", {}, element("button", {}, `${method.toUpperCase()} it`), outcome.status), outcome.text);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void call(method.toUpperCase(), path, form, outcome);
  });
  return form;
}

/** A call, whose form is made when it is first looked at. */
function entry(api, method, path, operation) {
  const title = element("summary", {}, element("b", {}, method.toUpperCase()), element("code", {}, path.replace("/api/v1", "")), element("span", {}, operation.summary ?? ""));
  const details = element("details", {}, title);
  details.addEventListener("toggle", () => details.querySelector("form") ?? details.append(formOf(api, method, path, operation)));
  return details;
}

function show(api) {
  const calls = Object.entries(api.paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, operation })));
  const groups = Map.groupBy ? Map.groupBy(calls, ({ operation }) => operation.tags?.[0] ?? "other") : new Map([["all", calls]]);
  const sections = [...groups].map(([tag, members]) => {
    const entries = members.map(({ path, method, operation }) => entry(api, method, path, operation));
    return element("section", {}, element("h2", {}, tag), ...entries);
  });
  byId("calls").replaceChildren(...sections);
}

try {
  show(await (await fetch("openapi.json")).json());
} catch (error) {
  byId("calls").replaceChildren(element("p", { className: "refused" }, `The document cannot be read: ${error.message}`));
}
