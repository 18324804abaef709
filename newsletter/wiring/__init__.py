"""The only place that chooses a real edge for a port. Heavy edges are imported when they are chosen."""

from newsletter.wiring.amazon import asset_store, cloud, picture_place, suppression_list, wishes
from newsletter.wiring.diagnosis import ground, outside, trip
from newsletter.wiring.doors import reception
from newsletter.wiring.feedback import post
from newsletter.wiring.keys import keys_of_links, links
from newsletter.wiring.project import Here, clock, copying, exported, here, store
from newsletter.wiring.reporting import reporting
from newsletter.wiring.sending import office, transport, way_out

__all__ = [
    "Here",
    "asset_store",
    "clock",
    "cloud",
    "copying",
    "exported",
    "ground",
    "here",
    "keys_of_links",
    "links",
    "office",
    "outside",
    "picture_place",
    "post",
    "reception",
    "reporting",
    "store",
    "suppression_list",
    "transport",
    "trip",
    "way_out",
    "wishes",
]
