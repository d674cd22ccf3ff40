"""Photos and signatures: decoded, stripped, written anew, sealed; found by scope in the rooms that show them."""
