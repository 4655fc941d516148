"""Where stages and arrows of the supply picture lie: rows of chains, columns of depth, and lanes for the arrows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import networkx as nx

REST = "rest"
Point = tuple[float, float]


@dataclass(frozen=True)
class Metrics:
    """Sizes in inches; the picture is about A3 landscape."""

    width: float = 16.2
    label: float = 1.35
    box_height: float = 0.37
    lane: float = 0.45
    track: float = 0.055
    row_gap: float = 0.12
    box_share: float = 0.73  # of a column's width; the rest is room for arrows
    most_lanes: int = 2


@dataclass(frozen=True)
class Flow:
    """An arrow: who sells what to whom."""

    seller: str
    buyer: str
    product: str
    flow: float


@dataclass
class Layout:
    """Boxes by stage (x, y, width, height; y downwards), rows by chain (top, bottom) and arrows as corner points."""

    width: float
    height: float
    boxes: dict[str, tuple[float, float, float, float]]
    rows: dict[str, tuple[float, float]]
    paths: list[tuple[Flow, list[Point]]] = field(default_factory=list)


@dataclass(frozen=True)
class Cell:
    """Place of a stage: row number, column, lane within the row."""

    row: int
    column: int
    lane: int


def lay_out(graph: nx.MultiDiGraph, chains: Sequence[str], flows: Sequence[Flow], metrics: Metrics) -> Layout:
    """Place stages and route arrows; the same graph gives the same picture, whatever its order of nodes."""
    columns, cells = _cells(graph, chains, flows, metrics.most_lanes)
    lanes = _lanes_per_row(cells, len(chains))
    router = _Router(cells)
    routes = [
        (flow, router.route(flow)) for flow in sorted(flows, key=lambda item: (item.seller, item.buyer, item.product))
    ]
    bands = router.assign_tracks(len(chains))
    tops, height = _row_tops(lanes, bands, metrics)
    # one more gap than columns: arrows leave the last column too
    column_width = (metrics.width - metrics.label) / (columns + 1 - metrics.box_share)
    box_width = column_width * metrics.box_share
    gap = column_width - box_width
    boxes = {
        stage: (
            metrics.label + cell.column * column_width + gap,
            tops[cell.row] + cell.lane * metrics.lane,
            box_width,
            metrics.box_height,
        )
        for stage, cell in cells.items()
    }
    rows = {
        chain: (tops[row] - bands[row] * metrics.track - metrics.row_gap / 2, tops[row] + lanes[row] * metrics.lane)
        for row, chain in enumerate(chains)
    }
    layout = Layout(metrics.width, height, boxes, rows)
    place = _Place(boxes, tops, column_width, gap, metrics, router, lanes)
    layout.paths = [(flow, place.points(flow, route)) for flow, route in routes]
    return layout


def depths(graph: nx.MultiDiGraph, stages: Iterable[str]) -> dict[str, int]:
    """Steps from the head of the chain: the stages' own depth, else the longest way through the chain's flows."""
    stages = sorted(stages)
    if all("depth" in graph.nodes[stage] for stage in stages):
        return {stage: int(graph.nodes[stage]["depth"]) for stage in stages}
    inner = nx.DiGraph(graph.subgraph(stages))
    inner.remove_edges_from(list(nx.selfloop_edges(inner)))
    condensed = nx.condensation(inner)
    found: dict[str, int] = {}
    for layer, components in enumerate(nx.topological_generations(condensed)):
        for component in components:
            found |= dict.fromkeys(condensed.nodes[component]["members"], layer)
    return found


def _cells(
    graph: nx.MultiDiGraph, chains: Sequence[str], flows: Sequence[Flow], most_lanes: int
) -> tuple[int, dict[str, Cell]]:
    """Give every stage a row, column and lane."""
    members = {chain: [n for n, data in graph.nodes(data=True) if data.get("chain") == chain] for chain in chains}
    columns = {chain: _columns(graph, stages, flows, most_lanes) for chain, stages in members.items() if chain != REST}
    width = 1 + max((column for places in columns.values() for column in places.values()), default=3)
    if REST in members:
        columns[REST] = {stage: place % width for place, stage in enumerate(sorted(members[REST]))}
    cells: dict[str, Cell] = {}
    for row, chain in enumerate(chains):
        lanes: dict[int, int] = defaultdict(int)
        for stage, column in columns[chain].items():
            cells[stage] = Cell(row, column, lanes[column])
            lanes[column] += 1
    return width, _fewer_crossings(cells, flows)


def _columns(graph: nx.MultiDiGraph, stages: list[str], flows: Sequence[Flow], most_lanes: int) -> dict[str, int]:
    """Put each stage right of its suppliers, at its depth or in the next column with room (Coffman-Graham)."""
    depth = depths(graph, stages)
    inner = nx.DiGraph((f.seller, f.buyer) for f in flows if f.seller in depth and f.buyer in depth)
    inner.add_nodes_from(stages)
    reach = {stage: len(nx.descendants(inner, stage)) for stage in stages}
    taken: dict[int, int] = defaultdict(int)
    columns: dict[str, int] = {}
    for stage in sorted(stages, key=lambda name: (depth[name], -reach[name], name)):
        before = [
            columns[seller]
            for seller in inner.predecessors(stage)
            if seller in columns and depth[seller] < depth[stage]
        ]
        column = max(depth[stage], *(place + 1 for place in before)) if before else depth[stage]
        while taken[column] >= most_lanes:
            column += 1
        taken[column] += 1
        columns[stage] = column
    return columns


def _fewer_crossings(cells: dict[str, Cell], flows: Sequence[Flow]) -> dict[str, Cell]:
    """Order each column by the lanes of the stages that supply it, so that arrows inside a row cross less."""
    suppliers: dict[str, list[str]] = defaultdict(list)
    for flow in flows:
        if cells[flow.seller].row == cells[flow.buyer].row:
            suppliers[flow.buyer].append(flow.seller)
    groups: dict[tuple[int, int], list[str]] = defaultdict(list)
    for stage, cell in cells.items():
        groups[cell.row, cell.column].append(stage)
    placed = dict(cells)
    for (row, column), stages in sorted(groups.items()):

        def wish(stage: str) -> tuple[float, str]:
            lanes = [placed[seller].lane for seller in suppliers[stage]]
            return (sum(lanes) / len(lanes) if lanes else placed[stage].lane, stage)

        for lane, stage in enumerate(sorted(stages, key=wish)):
            placed[stage] = Cell(row, column, lane)
    return placed


def _lanes_per_row(cells: Mapping[str, Cell], rows: int) -> list[int]:
    lanes = [1] * rows
    for cell in cells.values():
        lanes[cell.row] = max(lanes[cell.row], cell.lane + 1)
    return lanes


def _row_tops(lanes: Sequence[int], bands: Sequence[int], metrics: Metrics) -> tuple[list[float], float]:
    """Upper edge of the boxes of each row, and the height of the whole; above each row lies its band of arrows."""
    tops, y = [], 0.0
    for lane_count, band in zip(lanes, bands, strict=True):
        y += metrics.row_gap + band * metrics.track
        tops.append(y)
        y += lane_count * metrics.lane
    return tops, y + metrics.row_gap


@dataclass(frozen=True)
class Route:
    """Channels an arrow runs through: a gap after the seller, perhaps a band above a row, a gap before the buyer."""

    out: int
    band: int | None
    into: int


class _Router:
    """Choose channels for arrows and give each seller its own track in every channel it uses."""

    def __init__(self, cells: Mapping[str, Cell]) -> None:
        self.cells = cells
        self.vertical: dict[int, dict[str, tuple[float, float]]] = defaultdict(dict)
        self.horizontal: dict[int, dict[str, tuple[float, float]]] = defaultdict(dict)
        self.track: dict[tuple[str, int, str], int] = {}
        self.tracks: dict[tuple[str, int], int] = {}

    def route(self, flow: Flow) -> Route:
        seller, buyer = self.cells[flow.seller], self.cells[flow.buyer]
        out, into = seller.column + 1, buyer.column
        start, end = seller.row + 0.1 * seller.lane + 0.3, buyer.row + 0.1 * buyer.lane + 0.3
        if out == into:
            self._take(self.vertical[out], flow.seller, start, end)
            return Route(out, None, into)
        band = buyer.row if buyer.row >= seller.row else buyer.row + 1
        self._take(self.vertical[out], flow.seller, start, float(band))
        self._take(self.vertical[into], flow.seller, float(band), end)
        self._take(self.horizontal[band], flow.seller, out, into)
        return Route(out, band, into)

    @staticmethod
    def _take(channel: dict[str, tuple[float, float]], net: str, start: float, end: float) -> None:
        low, high = min(start, end), max(start, end)
        if net in channel:
            low, high = min(low, channel[net][0]), max(high, channel[net][1])
        channel[net] = (low, high)

    def assign_tracks(self, rows: int) -> list[int]:
        """Lay tracks side by side wherever their stretches overlap; return the number of tracks above each row."""
        for kind, channels in (("v", self.vertical), ("h", self.horizontal)):
            for number, nets in channels.items():
                ends: list[float] = []
                for net, (low, high) in sorted(nets.items(), key=lambda item: (item[1], item[0])):
                    free = next((track for track, end in enumerate(ends) if end < low - 0.02), len(ends))
                    ends[free : free + 1] = [high]
                    self.track[kind, number, net] = free
                self.tracks[kind, number] = len(ends)
        return [self.tracks.get(("h", row), 0) for row in range(rows)]


@dataclass(frozen=True)
class _Place:
    """Turn routes into corner points in inches."""

    boxes: Mapping[str, tuple[float, float, float, float]]
    tops: Sequence[float]
    column_width: float
    gap: float
    metrics: Metrics
    router: _Router
    lanes: Sequence[int]

    def points(self, flow: Flow, route: Route) -> list[Point]:
        x, y, width, height = self.boxes[flow.seller]
        to_x, to_y, _, to_height = self.boxes[flow.buyer]
        start, end = (x + width, y + height * 0.5), (to_x, to_y + to_height * 0.5)
        out = self._x(route.out, flow.seller)
        if route.band is None:
            if abs(start[1] - end[1]) < 1e-9:
                return [start, end]
            return [start, (out, start[1]), (out, end[1]), end]
        into, level = self._x(route.into, flow.seller), self._y(route.band, flow.seller)
        return [start, (out, start[1]), (out, level), (into, level), (into, end[1]), end]

    def _x(self, channel: int, net: str) -> float:
        """Tracks of a gap spread over its width, leaving room for arrow heads before the boxes."""
        count, track = self.router.tracks["v", channel], self.router.track["v", channel, net]
        left = self.metrics.label + channel * self.column_width
        room = self.gap - 0.16
        return left + 0.04 + room * (track + 0.5) / count

    def _y(self, band: int, net: str) -> float:
        track = self.router.track["h", band, net]
        return self.tops[band] - self.metrics.track * (track + 0.9)
