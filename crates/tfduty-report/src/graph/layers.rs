//! Nodes in layers from left to right, so that links mostly lead to the right: a picture without a layout library.

/// What is to be placed: the sizes of nodes, and links with the room that their labels need.
pub(super) struct Parts {
    /// Width and height of each node.
    pub(super) nodes: Vec<(usize, usize)>,
    /// Where each link begins and ends, and how wide what stands on it is.
    pub(super) links: Vec<(usize, usize, usize)>,
}

/// Where everything is: pixels from the left upper corner.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The left upper corner of each node.
    pub(super) nodes: Vec<(usize, usize)>,
    /// Each link: where it begins and bends, where it is level, and where it ends; from `level` to `end` its label has room above it.
    pub(super) links: Vec<Route>,
    /// Width and height of all.
    pub(super) size: (usize, usize),
}

/// The way of a link.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Route {
    pub(super) begin: (usize, usize),
    /// Where it may bend: no other node of the layer is in its way from here on.
    pub(super) bend: usize,
    pub(super) level: (usize, usize),
    pub(super) end: (usize, usize),
}

/// Pixels between two nodes of a layer.
const BESIDE: usize = 16;
/// Pixels in which a link bends before it is level.
const BEND: usize = 56;
/// Pixels around everything.
const MARGIN: usize = 8;
/// Passes in which nodes are put beside what they are linked with.
const SWEEPS: usize = 4;

/// Places the parts. The same parts come to the same places.
pub(super) fn layout(parts: &Parts) -> Layout {
    let layer_of = layers(parts);
    let mut layers = vec![Vec::new(); layer_of.iter().max().map_or(0, |last| last + 1)];
    for (node, layer) in layer_of.iter().enumerate() {
        layers[*layer].push(node);
    }
    let mut tops = order(parts, &mut layers);
    let (lefts, width) = columns(parts, &layers, &layer_of);
    let least = tops.iter().min().copied().unwrap_or(0);
    for top in &mut tops {
        *top = *top - least + MARGIN;
    }
    let bottoms = tops.iter().zip(&parts.nodes).map(|(top, (_, height))| top + height);
    let height = bottoms.max().unwrap_or(0) + MARGIN;
    let nodes: Vec<(usize, usize)> = layer_of.iter().map(|layer| lefts[*layer]).zip(tops).collect();
    let right = |layer: usize| layers[layer].iter().map(|node| lefts[layer] + parts.nodes[*node].0).max().unwrap_or(0);
    let mut links = routes(parts, &nodes);
    for (route, (from, ..)) in links.iter_mut().zip(&parts.links) {
        route.bend = right(layer_of[*from]);
    }
    Layout { links, nodes, size: (width, height) }
}

/// The layer of each node: one behind the last that leads to it. A circle is cut at the first of its nodes.
fn layers(parts: &Parts) -> Vec<usize> {
    let count = parts.nodes.len();
    let mut open = vec![0_usize; count];
    for (_, to, _) in parts.links.iter().filter(|(from, to, _)| from != to) {
        open[*to] += 1;
    }
    let (mut layer, mut done) = (vec![0_usize; count], vec![false; count]);
    for _ in 0..count {
        let ready = (0..count).find(|node| !done[*node] && open[*node] == 0);
        let Some(node) = ready.or_else(|| (0..count).find(|node| !done[*node])) else { break };
        done[node] = true;
        for (_, to, _) in parts.links.iter().filter(|(from, to, _)| *from == node && from != to) {
            open[*to] = open[*to].saturating_sub(1);
            if !done[*to] {
                layer[*to] = layer[*to].max(layer[node] + 1);
            }
        }
    }
    // What nothing leads to stands right before what it leads to.
    for node in 0..count {
        let behind = parts.links.iter().filter(|(from, ..)| *from == node).map(|(_, to, _)| layer[*to]).min();
        if let Some(behind) = behind.filter(|_| parts.links.iter().all(|(_, to, _)| *to != node)) {
            layer[node] = behind.saturating_sub(1);
        }
    }
    layer
}

/// Puts each node of a layer near what it is linked with, and gives the upper edges.
fn order(parts: &Parts, layers: &mut [Vec<usize>]) -> Vec<usize> {
    let mut tops = vec![0; parts.nodes.len()];
    for layer in layers.iter() {
        stack(parts, layer, &mut tops, None);
    }
    for sweep in 0..SWEEPS {
        // The last pass looks at what is behind: a node stands amid what it leads to.
        let forward = sweep % 2 == 0;
        let count = layers.len();
        for step in 0..count {
            let layer = &mut layers[if forward { step } else { count - 1 - step }];
            let wanted: Vec<Option<usize>> =
                (0..parts.nodes.len()).map(|node| amid(parts, node, &tops, forward)).collect();
            layer.sort_by_key(|node| (wanted[*node].unwrap_or_else(|| center(parts, *node, &tops)), *node));
            stack(parts, layer, &mut tops, Some(&wanted));
        }
    }
    tops
}

/// Puts the nodes of a layer below each other, each as near as it can be to where it is wanted.
fn stack(parts: &Parts, layer: &[usize], tops: &mut [usize], wanted: Option<&[Option<usize>]>) {
    let mut free = 0;
    for node in layer {
        let height = parts.nodes[*node].1;
        let wanted = wanted.and_then(|wanted| wanted[*node]).map_or(free, |center| center.saturating_sub(height / 2));
        tops[*node] = wanted.max(free);
        free = tops[*node] + height + BESIDE;
    }
}

fn center(parts: &Parts, node: usize, tops: &[usize]) -> usize {
    tops[node] + parts.nodes[node].1 / 2
}

/// The middle of what leads to a node, or of what it leads to.
fn amid(parts: &Parts, node: usize, tops: &[usize], before: bool) -> Option<usize> {
    let other = |(from, to, _): &(usize, usize, usize)| {
        let (here, there) = if before { (*to, *from) } else { (*from, *to) };
        (here == node && there != node).then_some(there)
    };
    let centers: Vec<usize> = parts.links.iter().filter_map(other).map(|it| center(parts, it, tops)).collect();
    (!centers.is_empty()).then(|| centers.iter().sum::<usize>() / centers.len())
}

/// The left edge of each layer, and the width of all of them.
fn columns(parts: &Parts, layers: &[Vec<usize>], layer_of: &[usize]) -> (Vec<usize>, usize) {
    let mut left = MARGIN;
    let mut lefts = Vec::new();
    for (place, layer) in layers.iter().enumerate() {
        let labels = parts.links.iter().filter(|(_, to, _)| layer_of[*to] == place).map(|(.., label)| label + BEND);
        left += labels.max().filter(|_| place > 0).unwrap_or(0);
        lefts.push(left);
        left += layer.iter().map(|node| parts.nodes[*node].0).max().unwrap_or(0);
    }
    (lefts, left + MARGIN)
}

/// The ways of the links. Those that share a node begin and end one below the other, in the order of their other ends.
fn routes(parts: &Parts, nodes: &[(usize, usize)]) -> Vec<Route> {
    let mut routes = vec![Route::default(); parts.links.len()];
    for (node, (left, top)) in nodes.iter().enumerate() {
        let (width, height) = parts.nodes[node];
        let mut coming: Vec<usize> = (0..parts.links.len()).filter(|link| parts.links[*link].1 == node).collect();
        let mut going: Vec<usize> = (0..parts.links.len()).filter(|link| parts.links[*link].0 == node).collect();
        coming.sort_by_key(|link| (nodes[parts.links[*link].0].1, *link));
        going.sort_by_key(|link| (nodes[parts.links[*link].1].1, *link));
        for (place, link) in coming.iter().enumerate() {
            let end = (*left, top + height * (place + 1) / (coming.len() + 1));
            routes[*link].end = end;
            routes[*link].level = (left.saturating_sub(parts.links[*link].2), end.1);
        }
        for (place, link) in going.iter().enumerate() {
            routes[*link].begin = (left + width, top + height * (place + 1) / (going.len() + 1));
        }
    }
    routes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(nodes: usize, links: &[(usize, usize)]) -> Parts {
        let links = links.iter().map(|(from, to)| (*from, *to, 40)).collect();
        Parts { nodes: vec![(100, 30); nodes], links }
    }

    #[test]
    fn links_lead_to_the_right_and_nodes_lie_apart() {
        let parts = parts(7, &[(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (0, 4), (5, 4)]);
        let layout = layout(&parts);
        for route in &layout.links {
            assert!(
                route.begin.0 <= route.bend && route.bend < route.level.0 && route.level.0 < route.end.0,
                "{route:?}"
            );
        }
        for (index, (left, top)) in layout.nodes.iter().enumerate() {
            assert!(left + 100 <= layout.size.0 && top + 30 <= layout.size.1, "{layout:?}");
            for (other_left, other_top) in &layout.nodes[index + 1..] {
                assert!(left.abs_diff(*other_left) >= 100 || top.abs_diff(*other_top) >= 30, "{layout:?}");
            }
        }
    }

    #[test]
    fn circles_and_loops_are_placed_too() {
        for links in [&[(0, 0)][..], &[(0, 1), (1, 0)], &[(0, 1), (1, 2), (2, 1), (2, 0)]] {
            let layout = layout(&parts(3, links));
            assert_eq!((layout.nodes.len(), layout.links.len()), (3, links.len()));
        }
        assert_eq!(layout(&parts(0, &[])).size, (2 * MARGIN, MARGIN));
    }
}
