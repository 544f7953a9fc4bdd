"""The registry: accounts, campaigns and all else that has a state, in one schema."""

from crossfix.store.registry.accounts import AccountTable, StoredAccount
from crossfix.store.registry.campaigns import (
    CAMPAIGN_STATES,
    CampaignState,
    CampaignTable,
    StoredCampaign,
    StoredChange,
    StoredMember,
)
from crossfix.store.registry.data_keys import DataKeyTable, StoredDataKey
from crossfix.store.registry.factors import FactorTable, StoredFactor
from crossfix.store.registry.fingerprints import FingerprintTable, StoredFingerprint
from crossfix.store.registry.held import HeldRegistry
from crossfix.store.registry.indicators import IndicatorTable, StoredIndicator
from crossfix.store.registry.keys import KeyTable, StoredKey, StoredSecret
from crossfix.store.registry.opening import open_registry, schema_of
from crossfix.store.registry.profiles import ProfileTable
from crossfix.store.registry.registry import Registry
from crossfix.store.registry.spend import SpendTable
from crossfix.store.registry.standing import StandingTable, StoredStanding
from crossfix.store.registry.swarms import SWARM_STATES, StoredSwarm, SwarmTable
from crossfix.store.registry.tickets import Cap, StoredTicket, TicketTable

__all__ = [
    "CAMPAIGN_STATES",
    "SWARM_STATES",
    "AccountTable",
    "CampaignState",
    "CampaignTable",
    "Cap",
    "DataKeyTable",
    "FactorTable",
    "FingerprintTable",
    "HeldRegistry",
    "IndicatorTable",
    "KeyTable",
    "ProfileTable",
    "Registry",
    "SpendTable",
    "StandingTable",
    "StoredAccount",
    "StoredCampaign",
    "StoredChange",
    "StoredDataKey",
    "StoredFactor",
    "StoredFingerprint",
    "StoredIndicator",
    "StoredKey",
    "StoredMember",
    "StoredSecret",
    "StoredStanding",
    "StoredSwarm",
    "StoredTicket",
    "SwarmTable",
    "TicketTable",
    "open_registry",
    "schema_of",
]
