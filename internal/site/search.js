"use strict";
// The box is hidden where no script runs. All text is set as text.
(() => {
	const box = document.getElementById("search");
	const query = document.getElementById("query");
	const count = document.getElementById("count");
	const hits = document.getElementById("hits");
	if (!box || !query || !count || !hits) return;
	const most = 20;
	const fold = (s) => s.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
	const names = entries.map((e) => [e.n, ...(e.o || [])].map((text) => ({text, words: fold(text)})));

	// rank is 0 for the name itself, then what begins so, a word that begins
	// so, and what holds it; other names come behind the name.
	const rank = (words, q) => {
		if (words === q) return 0;
		if (words.startsWith(q)) return 2;
		if ((" " + words).includes(" " + q)) return 4;
		const tight = q.replaceAll(" ", "");
		return tight.length > 2 && words.replaceAll(" ", "").includes(tight) ? 6 : -1;
	};

	const find = (q) => {
		const found = [];
		names.forEach((list, i) => {
			let best = -1, by = "";
			list.forEach((name, j) => {
				const r = rank(name.words, q);
				if (r >= 0 && (best < 0 || r + (j ? 1 : 0) < best)) {
					best = r + (j ? 1 : 0);
					by = j ? name.text : "";
				}
			});
			if (best >= 0) found.push({i, best, by});
		});
		return found.sort((a, b) => a.best - b.best || entries[a.i].n.length - entries[b.i].n.length || a.i - b.i);
	};

	const show = () => {
		const q = fold(query.value);
		hits.replaceChildren();
		count.textContent = "";
		box.classList.toggle("open", q !== "");
		if (!q) return;
		const found = find(q);
		count.textContent = found.length === 0 ? "No evidence found, in this state of knowledge. Check the spelling, or try the maker." :
			found.length > most ? `The first ${most} of ${found.length}` : `${found.length} found`;
		for (const f of found.slice(0, most)) {
			const e = entries[f.i];
			const item = document.createElement("li"), link = document.createElement("a"), kind = document.createElement("span");
			link.href = box.dataset.root + e.p;
			link.textContent = e.n;
			kind.className = "quiet";
			kind.textContent = " " + e.k + (f.by ? ", as “" + f.by + "”" : "");
			item.append(link, kind);
			hits.append(item);
		}
	};

	query.addEventListener("input", show);
	box.addEventListener("keydown", (e) => {
		const links = [...hits.querySelectorAll("a")], at = links.indexOf(document.activeElement);
		if (e.key === "Escape") {
			query.value = "";
			show();
			query.focus();
		} else if (e.key === "Enter" && e.target === query && links.length) {
			links[0].click();
		} else if (e.key === "ArrowDown" && at + 1 < links.length) {
			e.preventDefault();
			links[at + 1].focus();
		} else if (e.key === "ArrowUp" && at >= 0) {
			e.preventDefault();
			(links[at - 1] || query).focus();
		}
	});
	box.hidden = false;
	show();
})();
